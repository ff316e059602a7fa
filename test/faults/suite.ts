/** Schedules as tests: each has a number, by which it can be run alone. */
import { testSeed } from '@tacit/testing';
import { expect } from 'chai';
import { Clock } from './clock.js';
import { fabrics } from './fabric.js';
import { runSchedule } from './run-schedule.js';
import { describeSchedule, scheduleOf } from './schedule.js';
import { tally } from './tally.js';

/** Among so many there is everything, whatever the seed. */
const MANY = 500;

/**
 * Makes a test of each schedule of this run's seed.
 * @param count how many
 * @param first the number of the first; default the seed of this run
 * @param everything whether each kind of link and each fault has to be among them
 */
export function faultSuite(count: number, first = testSeed, everything = count >= MANY): void {
  describe('with faults of networks and members', function () {
    // By a clock that runs on while the machine is busy. Members have another one, which judges whether they hang.
    this.timeout(5 * 60_000);
    const clock = new Clock();
    before(() => clock.start());
    after(() => clock.stop());
    const seeds = Array.from({ length: count }, (_, i) => (first + i) | 0);
    const schedules = seeds.map((seed) => scheduleOf(seed, fabrics));

    it('there is everything among them', function () {
      const counts = [...tally(schedules)];
      process.stdout.write(`${counts.map(([kind, times]) => `${times} ${kind}`).join(', ')}\n`);
      if (!everything) this.skip();
      expect(counts.filter(([, times]) => times === 0)).to.deep.equal([]);
    });

    for (const [i, schedule] of schedules.entries()) {
      const seed = seeds[i];
      it(`schedule ${i}: ${describeSchedule(schedule)}`, async () => {
        expect(await runSchedule(schedule, seed)).to.deep.equal([]);
      });
    }
  });
}
