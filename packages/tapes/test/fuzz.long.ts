import { fuzzRuns } from '@tacit/testing';
import { tapesFuzzSuite } from './fuzz-suite.js';

describe('tapes from anywhere, a million', function () {
  this.timeout(3 * 3_600_000);
  tapesFuzzSuite(fuzzRuns(1_000_000));
});
