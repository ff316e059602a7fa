import { fuzzRuns } from '@tacit/testing';
import { fuzzConfigs } from './helpers/config-fuzz.js';

describe('fuzzing of the configuration', () => {
  it('a million inputs', function () {
    this.timeout(3_600_000);
    fuzzConfigs(fuzzRuns(1_000_000));
  });
});
