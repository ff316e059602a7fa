/** `@tacit/he-service/service`: the HTTP service for homomorphic inference. Node.js only. */
export { CLIENT_ARTEFACT, SERVER_ARTEFACT } from '@tacit/he';
export type {
  Engine,
  EngineLayer,
  EngineModule,
  KeyHandle,
  LayerRange,
  LoadedModel,
} from '../worker-pool/engine.js';
export type { LogLevel } from './app.js';
export { RequestError, type RequestErrorCode, ServiceModelError, ServiceOptionError } from './errors.js';
export { DEFAULT_LIMITS, type ServiceLimits } from './limits.js';
export type { ModelArtefacts } from './models.js';
export { type RunningService, type ServiceOptions, startService } from './start-service.js';
