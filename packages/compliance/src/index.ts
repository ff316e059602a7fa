export { type BreakingProxy, breakingProxy } from './breaking-proxy.js';
export { channelCompliance, type MakePair } from './channel-compliance.js';
export type { RunEngines } from './engine/cases.js';
export { engineCompliance } from './engine/engine-compliance.js';
export { failureOf, type Group, type MakeGroup, withGroup } from './group.js';
export { linkCompliance } from './link-compliance.js';
export { type Below, type SecureLayers, secureChannelCompliance } from './secure-compliance.js';
export { transportCompliance } from './transport-compliance.js';
export { chance, Wire, type WireOptions } from './wire.js';
