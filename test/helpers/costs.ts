/** Measures what protocols cost by running their examples at two parties: the figures that docs/protocols.md states. */
import { AdditiveEngine, protocols, type TreeShape } from '@tacit/mpc';
import { simulate } from '@tacit/testing';

export interface Cost {
  readonly rounds: number;
  /** Payload bytes from each party to each other one, an element. */
  readonly bytes: number;
  /** Payload bytes from the dealer to the last party, an element. */
  readonly dealer: number;
}

const N = 4096;
const drop = { f: 16, l: 64 };
/** What a protocol has before it starts: operands under masks. */
const PREPARATIONS = ['mask', 'own', 'mask-toward'];

export async function measureCosts(tree: TreeShape): Promise<Map<string, Cost>> {
  const costs = new Map<string, Cost>();
  for (const [name, run] of protocols.flatMap(({ examples }) => Object.entries(examples))) {
    const { results, dealerBytes, operations } = await simulate(
      { parties: 2, config: { tree } },
      async (session) => {
        const values = () => new BigUint64Array(N).fill(3n);
        const engine = new AdditiveEngine(session);
        const x = engine.input(0, [N], values());
        const y = engine.input(0, [N], values());
        const result = run(session, { x, y, drop });
        await result.value;
        const prepared = x.forms.all ?? x.forms.toward.get(1);
        return result.depth - (prepared?.depth ?? 0);
      },
    );
    const online = operations[0]
      .filter((o) => !PREPARATIONS.includes(o.name))
      .reduce((sum, o) => sum + o.bytesSent, 0);
    costs.set(name, { rounds: results[0], bytes: online / N, dealer: dealerBytes / N });
  }
  return costs;
}
