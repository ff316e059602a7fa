/** Batches on the servers of Debian's packages. `.ci/run` installs them. */
import { survivesKills } from './helpers/kills.js';

describe('a batch whose workers die', function () {
  this.timeout(900_000);
  for (const kind of ['redis', 'postgres'] as const)
    survivesKills({ kind, rows: 400, rowsPerShard: 50, kills: 4, dealerToo: true });
});
