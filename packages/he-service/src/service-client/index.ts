/** @packageDocumentation Client of the service for homomorphic inference. Safe to import in a browser. */
export * from './errors.js';
export {
  HeHttpClient,
  type HeHttpClientOptions,
  type InferOptions,
  type UploadOptions,
} from './http-client.js';
export type { KeyInfo, ModelInfo } from './schemas.js';
