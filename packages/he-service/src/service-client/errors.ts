/** Errors of the HTTP client and of the framing that client and service share. Safe in browsers. */
import { foreignCode } from '@tacit/errors';
import { HeError } from '@tacit/he';

/** Bytes that are no sequence of frames. Code `FRAMES_MALFORMED`. */
export class FramingError extends HeError {
  constructor(
    readonly reason: 'truncated' | 'empty-frame' | 'frame-too-large' | 'too-many-frames',
    message: string,
  ) {
    super('FRAMES_MALFORMED', message);
  }
}

/** The service answered with an error; `code` and message are the service's. */
export class HeHttpError extends HeError {
  constructor(
    readonly status: number,
    code: string,
    message: string,
    /** When the service says it is worth trying again. */
    readonly retryAfterMs?: number,
  ) {
    super(foreignCode(code), message);
  }
}

/** No answer from the service. Code `SERVICE_UNREACHABLE`. */
export class HeUnreachableError extends HeError {
  constructor(url: string, options: ErrorOptions) {
    const { cause } = options;
    // fetch hides the reason ("fetch failed") in the cause of its error.
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    const detail = inner instanceof Error ? inner.message : String(inner);
    super('SERVICE_UNREACHABLE', `no answer from ${url}: ${detail}`, options);
  }
}

/** The service answered with something that no correct service sends. Code `SERVICE_PROTOCOL`. */
export class HeReplyError extends HeError {
  constructor(message: string, options?: ErrorOptions) {
    super('SERVICE_PROTOCOL', message, options);
  }
}

/** A call of the client with an impossible argument. Code `HE_CLIENT_BAD_ARGUMENT`. */
export class HeClientArgumentError extends HeError {
  constructor(message: string) {
    super('HE_CLIENT_BAD_ARGUMENT', message);
  }
}
