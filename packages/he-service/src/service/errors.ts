/** Errors of the service: those that a request is answered with, and those of its start. */
import { HeError } from '@tacit/he';

/** HTTP status of every code that the service itself answers with. */
export const STATUS_OF_CODE = {
  BAD_REQUEST: 400,
  BODY_ABORTED: 400,
  BODY_LENGTH_WRONG: 400,
  FRAMES_MALFORMED: 400,
  LAYERS_INVALID: 400,
  UNAUTHORISED: 401,
  NOT_FOUND: 404,
  MODEL_NOT_FOUND: 404,
  KEY_NOT_FOUND: 404,
  BODY_TIMEOUT: 408,
  KEY_OF_OTHER_PARAMETERS: 409,
  KEY_INCOMPLETE: 409,
  KEY_DAMAGED: 409,
  PARAMETERS_MISMATCH: 409,
  KEY_EXPIRED: 410,
  LENGTH_REQUIRED: 411,
  BODY_TOO_LARGE: 413,
  KEY_TOO_LARGE: 413,
  CONTENT_ENCODING_REFUSED: 415,
  UNSUPPORTED_MEDIA_TYPE: 415,
  KEY_HASH_MISMATCH: 422,
  RATE_LIMITED: 429,
  TENANT_QUEUE_FULL: 429,
  TOO_MANY_UPLOADS: 429,
  EVALUATION_FAILED: 500,
  INTERNAL: 500,
  BYTES_IN_FLIGHT: 503,
  QUEUE_FULL: 503,
  QUEUE_TIMEOUT: 503,
  SHUTTING_DOWN: 503,
  EVALUATION_TIMEOUT: 504,
  KEY_QUOTA_EXCEEDED: 507,
  KEY_STORE_FULL: 507,
} as const;

export type RequestErrorCode = keyof typeof STATUS_OF_CODE;

/** What a request is answered with. The message is for the client: it holds no secret and no path. */
export class RequestError extends HeError {
  readonly statusCode: number;

  constructor(
    override readonly code: RequestErrorCode,
    message: string,
    /** When it is worth trying again, in seconds. */
    readonly retryAfterSeconds?: number,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
    this.statusCode = STATUS_OF_CODE[code];
  }
}

/** An impossible option of `startService`. Code `SERVICE_BAD_OPTION`. */
export class ServiceOptionError extends HeError {
  constructor(message: string, options?: ErrorOptions) {
    super('SERVICE_BAD_OPTION', message, options);
  }
}

/** A model that cannot be served. Code `SERVICE_MODEL`. */
export class ServiceModelError extends HeError {
  constructor(message: string, options?: ErrorOptions) {
    super('SERVICE_MODEL', message, options);
  }
}
