/** The network as it is: how peers are dialed when nobody tests. */
import { memberOpener, ProxyAgent, proxyAgentFor } from '@tacit/comm/relay';
import type { TlsIdentity } from '@tacit/comm/tls';
import type { DaemonConfig } from '../config/schema.js';
import type { Ways } from './diagnose-peer.js';
import { systemLookup } from './network/resolve.js';

/**
 * The network as it is, with the proxy that the settings or the environment name.
 * @param identity of this side
 * @param config its settings, where they are correct
 * @returns what doctor uses
 */
export function networkWays(identity: TlsIdentity, config: DaemonConfig | undefined): Ways {
  const agentFor = (address: string): ProxyAgent | undefined => {
    const proxy = config?.proxy;
    if (proxy === 'none') return undefined;
    if (proxy === undefined) return proxyAgentFor(address);
    return new ProxyAgent(new URL(proxy), address.startsWith('wss:'));
  };
  return {
    lookup: systemLookup,
    proxyFor: (address) => agentFor(address)?.proxy.href,
    dial: ({ fingerprints }, address, signal) =>
      memberOpener({ identity, fingerprints: () => fingerprints, agent: agentFor(address) ?? false })(
        address,
        signal,
      ),
  };
}
