import { engineCompliance } from '@tacit/compliance';
import { AdditiveEngine } from '../../src/index.js';
import { runParties } from '../helpers/parties.js';

/** What failed first: other parties are told that it did. */
const cause = ({ all = [] }: { all?: readonly ({ code?: string } | undefined)[] }): unknown =>
  all.find((error) => error !== undefined && error.code !== 'PEER_ABORTED');

engineCompliance(
  'additive',
  async (parties, program, config) => {
    const running = runParties(parties, (session) => program(new AdditiveEngine(session)), { config });
    const { results } = await running.catch((error) => {
      throw cause(error) ?? error;
    });
    return results;
  },
  [2, 3, 5],
);
