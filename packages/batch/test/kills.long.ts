/** The same at length: 10,000 rows, 2 organisations x 2 workers, 20 kills, on both servers; what it costs is printed. */
import { survivesKills } from './helpers/kills.js';

describe('a large batch whose workers die', function () {
  this.timeout(3_600_000);
  for (const kind of ['redis', 'postgres'] as const)
    survivesKills({ kind, rows: 10_000, rowsPerShard: 50, kills: 20 });
});
