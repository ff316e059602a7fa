/** Schedules as tests: each has a number, by which it can be run alone. */
import { testSeed } from '@tacit/testing';
import { expect } from 'chai';
import { fabrics } from './fabric.js';
import { runSchedule } from './run-schedule.js';
import { describeSchedule, scheduleOf } from './schedule.js';

/** Members wait for each other and for networks most of the time, so a few schedules at a time cost no more. */
const AHEAD = 2;

/**
 * Makes a test of each schedule of this run's seed.
 * @param count how many
 * @param first the number of the first; default the seed of this run
 */
export function faultSuite(count: number, first = testSeed): void {
  describe('with faults of networks and members', function () {
    this.timeout(120_000);
    const outcomes = new Map<number, Promise<string[]>>();
    let last = -1;
    const seedOf = (i: number): number => (first + i) | 0;
    const outcome = (i: number): Promise<string[]> => {
      const known = outcomes.get(i);
      if (known !== undefined) return known;
      const running = runSchedule(scheduleOf(seedOf(i), fabrics), seedOf(i)).catch((error) => [
        String(error.stack),
      ]);
      outcomes.set(i, running);
      return running;
    };
    for (let i = 0; i < count; i++)
      it(`schedule ${i}: ${describeSchedule(scheduleOf(seedOf(i), fabrics))}`, async () => {
        // Where they are run one after the other; one alone is run alone.
        if (last === i - 1) for (let next = i; next <= i + AHEAD && next < count; next++) void outcome(next);
        last = i;
        expect(await outcome(i)).to.deep.equal([]);
        outcomes.delete(i);
      });
  });
}
