/** `@tacit/he/service`: the HTTP service for homomorphic inference. Node.js only. */
export { CLIENT_ARTEFACT, SERVER_ARTEFACT } from '../artefact/names.js';
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
export type { ModelArtefacts } from './models.js';
export { type RunningService, type ServiceOptions, startService } from './start-service.js';
