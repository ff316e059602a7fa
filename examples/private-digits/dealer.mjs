// The dealer: gives each party a seed, then corrections for the products that the parties are about to need. It is told
// what operations come and of what shapes; no message between Alice and Bob passes through it.
import { deal } from './join.mjs';

await deal();
