/** As burn.test.ts, a thousand times. */
import { killBurners } from './helpers/kills.js';
import { world } from './helpers/world.js';

describe('a tape', function () {
  this.timeout(3_600_000);

  it('is used once, though processes are killed 1,000 times', async () => {
    const w = await world(2);
    await killBurners(w, 1000);
    w.remove();
  });
});
