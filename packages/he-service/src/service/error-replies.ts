/** How errors of all layers are answered: `{ code, message }` and a status, no stack and no path. */
import { FramingError } from '../service-client/errors.js';
import {
  EngineRefusalError,
  EvaluationTimeoutError,
  PoolClosedError,
  QueueFullError,
  QueueTimeoutError,
  WorkerLostError,
} from '../worker-pool/errors.js';
import { RequestError, type RequestErrorCode, STATUS_OF_CODE } from './errors.js';

export interface ErrorReply {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
}

function reply(code: RequestErrorCode, message: string, retryAfterSeconds?: number): ErrorReply {
  return { status: STATUS_OF_CODE[code], code, message, retryAfterSeconds };
}

const isOwnCode = (code: string): code is RequestErrorCode => Object.hasOwn(STATUS_OF_CODE, code);

/** Codes of the framework, in the words of this service. */
const FRAMEWORK_CODES: Readonly<Record<string, RequestErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'BODY_LENGTH_WRONG',
  FST_ERR_NOT_FOUND: 'NOT_FOUND',
};

function ofPool(error: Error): ErrorReply | undefined {
  if (error instanceof EngineRefusalError)
    return {
      status: isOwnCode(error.code) ? STATUS_OF_CODE[error.code] : 422,
      code: error.code,
      message: error.message,
    };
  if (error instanceof QueueFullError)
    return reply(
      error.share === 'tenant' ? 'TENANT_QUEUE_FULL' : 'QUEUE_FULL',
      error.message,
      error.retryAfterSeconds,
    );
  if (error instanceof QueueTimeoutError)
    return reply('QUEUE_TIMEOUT', error.message, error.retryAfterSeconds);
  if (error instanceof EvaluationTimeoutError) return reply('EVALUATION_TIMEOUT', error.message);
  if (error instanceof WorkerLostError)
    return reply('EVALUATION_FAILED', 'the evaluation failed twice; the service goes on');
  if (error instanceof PoolClosedError) return reply('SHUTTING_DOWN', error.message, 5);
  return undefined;
}

function ofFramework(error: Error): ErrorReply | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const status = 'statusCode' in error ? Number(error.statusCode) : 500;
  const own = FRAMEWORK_CODES[code];
  if (own) return reply(own, error.message);
  // Validation of parameters, query and JSON, and everything else that the framework finds wrong with a request.
  return status >= 400 && status < 500 ? { status, code: 'BAD_REQUEST', message: error.message } : undefined;
}

/** What a client hears of an error. Whatever is not expected becomes `INTERNAL` without details. */
export function errorReply(error: unknown): ErrorReply {
  const internal = reply('INTERNAL', 'the service failed; its log says why');
  if (!(error instanceof Error)) return internal;
  if (error instanceof RequestError) return reply(error.code, error.message, error.retryAfterSeconds);
  if (error instanceof FramingError)
    return reply(error.reason === 'frame-too-large' ? 'BODY_TOO_LARGE' : 'FRAMES_MALFORMED', error.message);
  return ofPool(error) ?? ofFramework(error) ?? internal;
}
