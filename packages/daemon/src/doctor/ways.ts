/** The network as it is: how peers are dialed when nobody tests. */
import { identityOpener, type TlsIdentity } from '@tacit/comm/tls';
import type { Ways } from './diagnose-peer.js';
import { systemLookup } from './network/resolve.js';

/**
 * The network as it is.
 * @param identity of this side
 * @returns what doctor uses
 */
export function networkWays(identity: TlsIdentity): Ways {
  return {
    lookup: systemLookup,
    proxyFor: () => undefined,
    dial: (peer, address, signal) =>
      identityOpener({ identity, fingerprints: () => peer.fingerprints })(address, signal),
  };
}
