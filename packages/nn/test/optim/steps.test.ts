/** Weights after each of three steps against training by hand: every network, loss and optimiser once. */
import { compare, LOSSES, NETWORKS, OPTIMIZERS } from '../helpers/steps.js';

const [networks, losses, rules] = [NETWORKS, LOSSES, OPTIMIZERS].map(Object.keys);

describe('steps of optimisers', () => {
  rules.forEach((optimizer, i) => {
    const [network, loss] = [networks[i % networks.length], losses[i % losses.length]];
    it(`${optimizer}: ${network}, ${loss}`, async function () {
      this.timeout(20_000);
      await compare(2, network, loss, optimizer);
    });
  });
  for (const [parties, optimizer] of [
    [3, 'Adam'],
    [5, 'SGD of Nesterov'],
  ] as const)
    it(`${optimizer}, ${parties} parties`, async function () {
      this.timeout(20_000);
      await compare(parties, 'MLP', 'cross entropy', optimizer);
    });
});
