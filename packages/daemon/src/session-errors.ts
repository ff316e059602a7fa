/** Errors of sessions between organisations: of the control protocol, and of the members' own processes. */
import { foreignCode, TacitError } from '@tacit/errors';

/** The other end of a control channel sent what no member sends. Code `CONTROL_VIOLATION`. */
export class ControlViolationError extends TacitError {
  constructor(
    /** What the peer is called here. */
    readonly peer: string,
    readonly detail: string,
  ) {
    super('CONTROL_VIOLATION', `${peer} broke the control protocol: ${detail}`);
  }
}

/** The control channel ended while something was still expected from it. Code `CONTROL_LOST`. */
export class ControlLostError extends TacitError {
  constructor(
    readonly peer: string,
    detail: string,
  ) {
    super('CONTROL_LOST', `the connection to ${peer} was lost before the session began: ${detail}`);
  }
}

/** The other end did not answer in time. Code `CONTROL_TIMEOUT`. */
export class ControlTimeoutError extends TacitError {
  constructor(
    readonly peer: string,
    readonly ms: number,
  ) {
    super('CONTROL_TIMEOUT', `${peer} is connected and did not answer within ${ms} ms`);
  }
}

/** Both ends speak different versions of the control protocol. Code `CONTROL_VERSION`. */
export class ControlVersionError extends TacitError {
  constructor(
    readonly peer: string,
    version: number,
    own: number,
  ) {
    super(
      'CONTROL_VERSION',
      `${peer} speaks version ${version} of the control protocol and this process version ${own}; update the older of the two`,
    );
  }
}

/** A member does not take part. Code `SESSION_REFUSED`; why is in `remoteCode`. */
export class SessionRefusedError extends TacitError {
  constructor(
    readonly peer: string,
    /** A code of the refusals of the control protocol. */
    readonly remoteCode: string,
    reason: string,
    /** Of a shard: the latest attempt that the member knows. */
    readonly attempt?: number,
  ) {
    super('SESSION_REFUSED', `${peer} refuses: [${remoteCode}] ${reason}`);
  }
}

/** A member has not appeared. Code `MEMBER_ABSENT`. */
export class MemberAbsentError extends TacitError {
  constructor(
    /** What the members that are missing are called here. */
    readonly peers: readonly string[],
    ms: number,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(
      'MEMBER_ABSENT',
      `${peers.join(', ')} did not appear within ${ms / 1000} s: ${detail}. Is the process started there ('tacit party', 'tacit dealer')? 'tacit doctor' finds out what is in the way`,
      options,
    );
  }
}

/** Somebody ended the session here. Code `SESSION_CANCELLED`. */
export class SessionCancelledError extends TacitError {
  constructor(who: string) {
    super('SESSION_CANCELLED', `the session was cancelled by ${who}`);
  }
}

/** The thread of a session ended without saying why. Code `SESSION_CRASHED`. */
export class SessionCrashedError extends TacitError {
  constructor(cause: unknown) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    super('SESSION_CRASHED', `the computation died: ${detail}`, { cause });
  }
}

/** The process takes no new sessions since it is about to end. Code `DRAINING`. */
export class DrainingError extends TacitError {
  constructor(who: string) {
    super('DRAINING', `${who} is shutting down`);
  }
}

/** A program is not the one that was agreed on any more. Code `PROGRAM_CHANGED`. */
export class ProgramChangedError extends TacitError {
  constructor(path: string) {
    super('PROGRAM_CHANGED', `${path} was changed after it was agreed on; start the session again`);
  }
}

/** A module is no program. Code `PROGRAM_INVALID`. */
export class ProgramInvalidError extends TacitError {
  constructor(path: string) {
    super(
      'PROGRAM_INVALID',
      `${path} has no function as its default export; a program is export default async (party, args, context) => …`,
    );
  }
}

/** A command was asked for what it cannot do. Code `DAEMON_USAGE`. */
export class DaemonUsageError extends TacitError {
  constructor(message: string) {
    super('DAEMON_USAGE', message);
  }
}

/** An error of a session with the code that another member gave. */
export const remoteError = (code: string, message: string): TacitError =>
  new TacitError(foreignCode(code), message);

/** A member ended the session before it had begun. Code `MEMBER_FAILED`. */
export class MemberFailedError extends TacitError {
  constructor(
    readonly peer: string,
    readonly remoteCode: string,
  ) {
    super(
      'MEMBER_FAILED',
      `${peer} left the session before it began: [${remoteCode}]; its own log says more`,
    );
  }
}

/** A later attempt at the same shard of a batch was accepted; this one ends. Code `SESSION_FENCED`. */
export class SessionFencedError extends TacitError {
  constructor(attempt: number) {
    super('SESSION_FENCED', `attempt ${attempt} at this shard is over: a later one was accepted`);
  }
}

/** A session took longer than `limits.sessionTime` allows. Code `SESSION_TIME`. */
export class SessionTimeError extends TacitError {
  constructor(ms: number) {
    super('SESSION_TIME', `the session took longer than the ${ms / 1000} s that a member allows`);
  }
}

/** A member's quota of bytes for today is used up. Code `QUOTA_USED_UP`. */
export class QuotaUsedUpError extends TacitError {
  constructor() {
    super('QUOTA_USED_UP', "a member's quota of bytes for today is used up");
  }
}
