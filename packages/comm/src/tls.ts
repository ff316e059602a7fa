/**
 * `@tacit/comm/tls`: links between processes that know each other by certificates: TLS 1.3 with certificates at both
 * ends, as `wss:` or inside a channel, and the layer that pins them. For Node.js.
 */
export type { ChannelBinding, ExportKey } from './channel/channel.js';
export type { Open } from './channel/open.js';
export { type IdentityOpenerOptions, identityOpener } from './group/identity-opener.js';
export { type PinnedOptions, pinned } from './secure/pinned-layer.js';
export { type TlsChannelSettings, tlsClient, tlsServer } from './tls/tls-channel.js';
export { fingerprintOf, type TlsIdentity } from './tls/tls-identity.js';
