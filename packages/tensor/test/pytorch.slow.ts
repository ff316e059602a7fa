/**
 * Operations and gradients in private against those of PyTorch, which is no part of this project: pytorch/operations.py made
 * the cases, and says how. Where operands are equal by chance nothing is left to it: no maximum has ties.
 */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { CrypTensor, Party, Plain } from '../src/index.js';
import * as T from '../src/index.js';
import { runParties } from './helpers/parties.js';

interface PyTorchCase {
  /** An expression of tensors a, b and c, and of the package as T. */
  readonly js: string;
  readonly inputs: readonly { readonly shape: readonly number[]; readonly data: readonly number[] }[];
  readonly outputs: readonly { readonly shape: readonly number[]; readonly data: readonly number[] }[];
  /** Cotangents of the outputs; none of those that have no gradient, and none at all where nothing has. */
  readonly ups?: readonly (readonly number[] | null)[];
  /** Of the inputs; null where PyTorch has none. */
  readonly grads?: readonly (readonly number[] | null)[];
  /** Relative to 1 + |value|. */
  readonly tol?: number;
}

const TOLERANCE = 3e-3;
const cases: PyTorchCase[] = JSON.parse(
  readFileSync(new URL('pytorch/operations.json', import.meta.url), 'utf8'),
);

type Outputs = CrypTensor | readonly CrypTensor[] | { values: CrypTensor; indices: CrypTensor };

function listOf(made: Outputs): readonly CrypTensor[] {
  if (made instanceof T.CrypTensor) return [made];
  return 'indices' in made ? [made.values, made.indices] : made;
}

const tensor = (shape: readonly number[], data: readonly number[]) => ({
  dims: shape,
  data: Float64Array.from(data),
});

interface Made {
  readonly outputs: (Plain | undefined)[];
  readonly grads: (Plain | undefined)[];
}

async function run(party: Party, { js, inputs, outputs, ups }: PyTorchCase): Promise<Made> {
  const given = inputs.map(({ shape, data }, i) =>
    party.cryptensor(tensor(shape, data), { src: i % party.worldSize, requiresGrad: ups !== undefined }),
  );
  const expression = new Function('T', 'a', 'b', 'c', `return ${js}`);
  const made = listOf(expression(T, ...given));
  const told = made.map((y) => y.revealFloat64());
  if (ups) {
    const weighted = ups.flatMap((up, i) => (up ? [made[i].mul(tensor(outputs[i].shape, up)).sum()] : []));
    weighted.reduce((sum, next) => sum.add(next)).backward();
  }
  const grads = ups ? given.map((x) => x.grad?.revealFloat64()) : [];
  return { outputs: await Promise.all(told), grads: await Promise.all(grads) };
}

function check(
  what: string,
  got: Plain | undefined,
  right: readonly number[] | null,
  tolerance: number,
): void {
  right?.forEach((v, i) => {
    // A tensor that nothing depends on has no gradient here, and zeros there.
    expect(got?.data[i] ?? 0, `${what}[${i}]`).closeTo(v, tolerance * (1 + Math.abs(v)));
  });
}

/** The first method of an expression. */
const methodOf = (js: string): string => /^(?:a|T)\.(\w+)/.exec(js)?.[1] ?? js;

/** All cases for two parties, every fourth for three. */
for (const parties of [2, 3])
  describe(`as PyTorch, ${parties} parties`, () => {
    const some = cases.filter((_, i) => parties === 2 || i % 4 === 0);
    for (const method of new Set(some.map(({ js }) => methodOf(js))))
      it(method, async function () {
        this.timeout(120_000);
        for (const one of some.filter(({ js }) => methodOf(js) === method)) {
          const name = `${one.js} of ${one.inputs.map(({ shape }) => `[${shape}]`).join(' ')}`;
          const [{ outputs, grads }] = await runParties(parties, (party) => run(party, one));
          one.outputs.forEach(({ shape, data }, i) => {
            expect(outputs[i]?.shape, name).deep.equal(shape);
            check(`${name}: output ${i}`, outputs[i], data, one.tol ?? TOLERANCE);
          });
          one.grads?.forEach((right, i) => {
            check(`${name}: gradient ${i}`, grads[i], right, one.tol ?? TOLERANCE);
          });
        }
      });
  });
