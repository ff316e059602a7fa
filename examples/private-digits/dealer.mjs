// The dealer: gives each party a seed, then corrections for the products that the parties are about to need. It is told
// what operations come and of what shapes; no message between Alice and Bob passes through it.
import { serveDealer } from '@tacit/mpc';
import { Ring } from '@tacit/ring';
import { config, join, PARTIES } from './join.mjs';

const { comm, leave } = await join();
const dealer = await serveDealer(comm, await Ring.load(), PARTIES, config);
comm.onKey('any', 'thanks', () => {
  dealer.stop();
  leave();
});
