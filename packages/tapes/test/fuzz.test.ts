import { fuzzRuns } from '@tacit/testing';
import { tapesFuzzSuite } from './fuzz-suite.js';

describe('tapes from anywhere', function () {
  this.timeout(60_000);
  tapesFuzzSuite(fuzzRuns(10_000));
});
