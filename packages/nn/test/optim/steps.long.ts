/** Weights after each of three steps against training by hand: every network with every loss and optimiser. */
import { compare, LOSSES, NETWORKS, OPTIMIZERS } from '../helpers/steps.js';

describe('steps of optimisers', () => {
  for (const parties of [2, 3, 5])
    for (const network of Object.keys(NETWORKS))
      for (const loss of Object.keys(LOSSES))
        for (const optimizer of Object.keys(OPTIMIZERS))
          it(`${parties} parties, ${network}, ${loss}, ${optimizer}`, async function () {
            this.timeout(60_000);
            await compare(parties, network, loss, optimizer);
          });
});
