/** `@tacit/he/service`: the HTTP service for homomorphic inference. Node.js only. */
export type { LogLevel } from './app.js';
export type {
  Engine,
  EngineLayer,
  EngineModule,
  KeyHandle,
  LayerRange,
  LoadedModel,
} from './engine.js';
export { RequestError, type RequestErrorCode, ServiceModelError, ServiceOptionError } from './errors.js';
export { DEFAULT_LIMITS, type ServiceLimits } from './limits.js';
export { CLIENT_ARTEFACT, type ModelArtefacts, SERVER_ARTEFACT } from './models.js';
export { type RunningService, type ServiceOptions, startService } from './start-service.js';
