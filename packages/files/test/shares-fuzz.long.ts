import { fuzzRuns } from '@tacit/testing';
import { sharesFuzzSuite } from './shares-fuzz-suite.js';

describe('random input from files', function () {
  this.timeout(2_400_000);
  sharesFuzzSuite(fuzzRuns(1_000_000));
});
