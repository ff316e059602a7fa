import { fuzzRuns } from '@tacit/testing';
import { fuzzNoise } from './fuzz-suite.js';

describe('random input from outside', function () {
  // Two to three milliseconds each by native code, twenty by JavaScript; a file may take an hour.
  this.timeout(40 * 60_000);
  const runs = fuzzRuns(300_000);
  fuzzNoise(runs, runs / 50);
});
