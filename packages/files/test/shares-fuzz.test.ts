import { fuzzRuns } from '@tacit/testing';
import { sharesFuzzSuite } from './shares-fuzz-suite.js';

describe('random input from files', function () {
  this.timeout(60_000);
  sharesFuzzSuite(fuzzRuns(10_000));
});
