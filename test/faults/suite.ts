/** Schedules as tests: each has a number, by which it can be run alone. */
import { testSeed } from '@tacit/testing';
import { expect } from 'chai';
import { Clock } from './clock.js';
import { fabrics } from './fabric.js';
import { runSchedule } from './run-schedule.js';
import { describeSchedule, scheduleOf } from './schedule.js';

/**
 * Makes a test of each schedule of this run's seed.
 * @param count how many
 * @param first the number of the first; default the seed of this run
 */
export function faultSuite(count: number, first = testSeed): void {
  describe('with faults of networks and members', function () {
    // By a clock that runs on while the machine is busy. Members have another one, which judges whether they hang.
    this.timeout(5 * 60_000);
    const clock = new Clock();
    before(() => clock.start());
    after(() => clock.stop());
    for (let i = 0; i < count; i++) {
      const seed = (first + i) | 0;
      const schedule = scheduleOf(seed, fabrics);
      it(`schedule ${i}: ${describeSchedule(schedule)}`, async () => {
        expect(await runSchedule(schedule, seed)).to.deep.equal([]);
      });
    }
  });
}
