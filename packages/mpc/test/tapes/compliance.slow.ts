/** The whole suite of engines on tapes: each program runs with a live dealer first, then on a tape for its plan. */
import { engineCompliance } from '@tacit/compliance';
import { AdditiveEngine, defaultConfig, type Engine, tapeRandomness } from '../../src/index.js';
import { runParties } from '../helpers/parties.js';
import { dealt, run } from '../helpers/tapes.js';

type Failed = { readonly all?: readonly ({ code?: string } | undefined)[] };

/** What failed first: other parties are told that it did. */
const cause = ({ all = [] }: Failed): unknown =>
  all.find((error) => error !== undefined && error.code !== 'PEER_ABORTED');

engineCompliance(
  'additive, on tapes',
  async (parties, program, changes) => {
    const running = runParties(parties, (session) => program(new AdditiveEngine(session)), {
      config: changes,
    });
    const live = await running.catch((error) => {
      throw cause(error) ?? error;
    });
    const config = { ...defaultConfig, ...changes };
    const tapes = await dealt({ parties, config, operations: live.dealt[0] });
    const finished = async (engine: Engine) => {
      const result = await program(engine);
      await engine.finish();
      return result;
    };
    const ends = await run(parties, (rank) => tapeRandomness(async () => tapes[rank]), finished, config);
    return ends.map((end) => {
      if (end.status === 'rejected') throw end.reason;
      return end.value;
    });
  },
  [2, 3],
);
