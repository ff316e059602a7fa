import { fuzzRuns } from '@tacit/testing';
import { fuzzNoiseByToken } from './fuzz-suite.js';

describe('random input from outside', function () {
  // One to two milliseconds each by native code, twenty by JavaScript; a file may take an hour.
  this.timeout(55 * 60_000);
  const runs = fuzzRuns(1_000_000);
  fuzzNoiseByToken(runs, runs / 50);
});
