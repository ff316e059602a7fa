/** Batches on the servers of Debian's packages. `.ci/run` installs them. */
import { survivesKills } from './helpers/kills.js';

describe('a batch whose workers die', function () {
  this.timeout(600_000);
  survivesKills({ kind: 'redis', rows: 1000, rowsPerShard: 50, kills: 6 });
});
