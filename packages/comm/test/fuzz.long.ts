import { fuzzRuns } from '@tacit/testing';
import { fuzzSuite } from './fuzz-suite.js';

describe('random input from outside', function () {
  this.timeout(40 * 60_000);
  fuzzSuite(fuzzRuns(1_000_000));
});
