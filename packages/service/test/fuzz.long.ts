import { fuzzInvites } from './helpers/invite-fuzz.js';

describe('invites to models, at length', function () {
  this.timeout(0);
  it('are read or refused, whatever they are', () => fuzzInvites(1_000_000));
});
