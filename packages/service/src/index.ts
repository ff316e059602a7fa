/** @packageDocumentation Models as a service, for their owners. Clients use `@tacit/service/client`. */
export * from './errors.js';
export type { ElementType, ModelValue } from './program/offer.js';
export { type InviteOptions, InviteStore, type KeptInvite } from './server/invite-store.js';
export type { InviteQuota, InviteUsage } from './server/quota.js';
export type { ModelToServe } from './server/served-model.js';
export {
  issueInvite,
  type Service,
  type ServiceFacts,
  type ServiceOptions,
  startService,
} from './server/service.js';
export { startTrial, type TrialOptions } from './server/trial.js';
export { encodeModelInvite, type ModelInvite, parseModelInvite } from './shared/invite.js';
