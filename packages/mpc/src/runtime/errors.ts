/** Errors of the protocol layer. Each has a stable code. */
import {
  CommClosedError,
  MailboxFullError,
  PeerAbortedError,
  PeerLeftError,
  PeerTimeoutError,
  ProtocolViolationError,
} from '@tacit/comm';
import { foreignCode, ShapeError, TacitError } from '@tacit/errors';

export { ShapeError };

/** Parties issued different operations. */
export class ProgramMismatchError extends TacitError {
  constructor(
    readonly index: number,
    readonly mine: string,
    readonly theirs: string,
    readonly rank: number,
  ) {
    super(
      'PROGRAM_MISMATCH',
      `the parties run different programs: operation ${index} is ${mine} here and ${theirs} at party ${rank}`,
    );
  }
}

/** Parties or dealer were started with different settings. */
export class ConfigMismatchError extends TacitError {
  constructor(
    readonly rank: number,
    mine: string,
    theirs: string,
  ) {
    super('CONFIG_MISMATCH', `rank ${rank} was started with other settings: ${theirs}, here ${mine}`);
  }
}

/** A setting that cannot work. */
export class ConfigError extends TacitError {
  constructor(message: string) {
    super('CONFIG_INVALID', message);
  }
}

/** A scope was used in a way that would repeat random numbers, or that the program cannot mean. */
export class ScopeError extends TacitError {
  constructor(message: string) {
    super('SCOPE', message);
  }
}

/** A tensor was used after dispose(). */
export class DisposedError extends TacitError {
  constructor(what: string) {
    super('DISPOSED', `${what} was used after it had been disposed`);
  }
}

/** The dealer was asked for something that it does not know, or that makes no sense. */
export class DealerRequestError extends TacitError {
  constructor(message: string) {
    super('DEALER_REQUEST', message);
  }
}

/**
 * What the other parties are told of a failure here: the code and where, nothing else. The error itself, which may quote
 * a private value, is the cause, and stays in this process.
 */
export class FailedPartyError extends TacitError {
  constructor(rank: number, where: string, cause: Error & { code?: unknown }) {
    const code = typeof cause.code === 'string' ? cause.code : 'OPERATION_FAILED';
    super(foreignCode(code), `${where} failed at party ${rank}; its own messages say why`, { cause });
    this.stack = undefined; // it travels, too
  }
}

/** Errors that name ranks, keys, settings and operations only. */
const PUBLIC_ERRORS = [
  CommClosedError,
  MailboxFullError,
  PeerAbortedError,
  PeerLeftError,
  PeerTimeoutError,
  ProtocolViolationError,
  ProgramMismatchError,
  ConfigMismatchError,
  FailedPartyError,
];

/**
 * The form of an error that may leave this process.
 * @param rank of this party
 * @param where operation in which it failed
 * @param error what happened
 * @returns the error itself, or its code and place alone
 */
export const forPeers = (rank: number, where: string, error: Error): Error =>
  PUBLIC_ERRORS.some((known) => error instanceof known) ? error : new FailedPartyError(rank, where, error);

/**
 * What the dealer is told in place of that: it does not know the operations for which it does not deal.
 * @param rank of this party
 * @param where operation in which it failed
 * @param error what happened
 * @returns what it is told instead, if that is something else
 */
export const forDealer = (rank: number, where: string, error: Error): Error | undefined =>
  error instanceof ProgramMismatchError ? new FailedPartyError(rank, where, error) : undefined;

/** An operation failed: says which one, by name, number and shapes. The cause is the original error. */
export class OperationError extends TacitError {
  constructor(
    readonly operation: string,
    cause: Error & { code?: string },
  ) {
    super(foreignCode(cause.code ?? 'OPERATION_FAILED'), `${operation}: ${cause.message}`, { cause });
  }
}
