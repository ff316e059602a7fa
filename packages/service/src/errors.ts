/** Errors of services and of their clients. */
import { TacitError } from '@tacit/errors';

/** The text is no invite to a service, or not a whole one. Code `MODEL_INVITE`. */
export class ServiceInviteError extends TacitError {
  constructor(message: string) {
    super('MODEL_INVITE', message);
  }
}

/** The service does not let this client in. Code `MODEL_REFUSED`; why is in `remoteCode`. */
export class ServiceRefusedError extends TacitError {
  constructor(
    /** What the service calls itself, or its address. */
    readonly service: string,
    /** `INVITE_UNKNOWN`, `INVITE_EXPIRED`, `QUOTA_USED_UP`, `BUSY`, `DRAINING`, `DEALER_ABSENT` … */
    readonly remoteCode: string,
    reason: string,
  ) {
    super('MODEL_REFUSED', `${service} refuses: [${remoteCode}] ${reason}`);
  }
}

/** Nobody answers where the invite says. Code `MODEL_UNREACHABLE`. */
export class ServiceUnreachableError extends TacitError {
  constructor(
    readonly address: string,
    detail: string,
    options?: ErrorOptions,
  ) {
    super('MODEL_UNREACHABLE', `the service at ${address} cannot be reached: ${detail}`, options);
  }
}

/** The service answers something that it never says. Code `MODEL_PROTOCOL`. */
export class ServiceProtocolError extends TacitError {
  constructor(message: string) {
    super('MODEL_PROTOCOL', message);
  }
}

/** What a model is given does not fit its inputs. Code `MODEL_FEEDS`. */
export class ModelFeedsError extends TacitError {
  constructor(message: string) {
    super('MODEL_FEEDS', message);
  }
}

/** The connection to a model was closed. Code `MODEL_CLOSED`. */
export class ModelClosedError extends TacitError {
  constructor(message = 'the model was closed', options?: ErrorOptions) {
    super('MODEL_CLOSED', message, options);
  }
}

/** A service cannot be started as it was asked for. Code `SERVE_USAGE`. */
export class ServiceUsageError extends TacitError {
  constructor(message: string) {
    super('SERVE_USAGE', message);
  }
}
