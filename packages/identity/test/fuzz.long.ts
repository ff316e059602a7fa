import { fuzzRuns } from '@tacit/testing';
import { makeCertificate } from '../src/identity/certificate.js';
import { fuzzDeviceIds, fuzzInvites, fuzzKeys, fuzzPeers } from './fuzzing.js';

const RUNS = fuzzRuns(1_000_000);

describe('a million inputs', function () {
  this.timeout(3_600_000);
  it('in place of invites are refused', () => fuzzInvites(RUNS));
  it('in place of device ids are refused', () => fuzzDeviceIds(RUNS));
  it('in place of peers.yaml are refused', () => fuzzPeers(RUNS));
  it('in place of keys and certificates are refused', async () => {
    const { key, certificate } = await makeCertificate('alice');
    fuzzKeys(RUNS, key, certificate);
  });
});
