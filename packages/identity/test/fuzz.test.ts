import { makeCertificate } from '../src/identity/certificate.js';
import { fuzzDeviceIds, fuzzInvites, fuzzKeys, fuzzPeers } from './fuzzing.js';

/** A million of each are in fuzz.long.ts. */
const RUNS = 10_000;

describe('garbage', function () {
  this.timeout(120_000);
  it('in place of invites is refused', () => fuzzInvites(RUNS));
  it('in place of device ids is refused', () => fuzzDeviceIds(RUNS));
  it('in place of peers.yaml is refused', () => fuzzPeers(RUNS));
  it('in place of keys and certificates is refused', async () => {
    const { key, certificate } = await makeCertificate('alice');
    fuzzKeys(RUNS, key, certificate);
  });
});
