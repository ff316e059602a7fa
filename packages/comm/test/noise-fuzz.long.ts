import { fuzzRuns } from '@tacit/testing';
import { fuzzNoise } from './fuzz-suite.js';

describe('random input from outside', function () {
  // Two to three milliseconds each by native code, twenty by JavaScript.
  this.timeout(3 * 3_600_000);
  const runs = fuzzRuns(1_000_000);
  fuzzNoise(runs, runs / 50);
});
