import { fuzzRuns } from '@tacit/testing';
import { fuzzNoise, fuzzSuite } from './fuzz-suite.js';

describe('random input from outside', function () {
  this.timeout(120_000);
  const runs = fuzzRuns(10_000);
  fuzzSuite(runs);
  fuzzNoise(runs / 50, runs / 50);
});
