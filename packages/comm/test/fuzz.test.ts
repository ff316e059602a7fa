import { fuzzRuns } from '@tacit/testing';
import { fuzzNoiseByKeys, fuzzNoiseByToken, fuzzSuite, noiseOpenings } from './fuzz-suite.js';

describe('random input from outside', function () {
  this.timeout(120_000);
  const runs = fuzzRuns(10_000);
  fuzzSuite(runs);
  noiseOpenings();
  fuzzNoiseByToken(runs / 10, runs / 50);
  fuzzNoiseByKeys(runs / 10);
});
