/**
 * Errors of starting and ending parties, and of the files that they read and write. Each has a stable `code`.
 */
export { ArrayFileError, FileError, NpyFormatError, SharesFormatError } from '@tacit/files';

import { TacitError } from '@tacit/errors';

/**
 * What a member is called in messages.
 * @param rank of the member; the dealer's is the number of parties
 * @param parties how many there are
 * @returns "party 1", say, or "the dealer"
 * @example memberName(2, 2) // the dealer
 */
export const memberName = (rank: number, parties: number): string =>
  rank === parties ? 'the dealer' : `party ${rank}`;

/** A party's function threw (or the dealer failed). `cause` has the original message, code and stack. */
export class PartyError extends TacitError {
  constructor(
    readonly rank: number,
    /** 'party 1' or 'the dealer'. */
    readonly member: string,
    override readonly cause: Error & { code?: string },
  ) {
    super('PARTY_FAILED', `${member} failed: ${cause.code ? `[${cause.code}] ` : ''}${cause.message}`, {
      cause,
    });
  }
}

/** A party's thread or process (or the dealer's) ended without a result and without an error. */
export class PartyExitedError extends TacitError {
  constructor(
    readonly rank: number,
    /** 'party 1' or 'the dealer'. */
    readonly member: string,
    readonly exitCode: number | null,
    readonly signal: string | null,
  ) {
    const how = signal ? `was killed by ${signal}` : `exited with code ${exitCode}`;
    super('PARTY_EXITED', `${member} ${how} before it had a result; all others were stopped`);
  }
}

/** The module of `runMultiprocess` did not come to the same call when it ran again in a party. */
export class PartyNotReachedError extends TacitError {
  constructor(
    readonly rank: number,
    name: string,
    moduleUrl: string,
    call: number,
    detail: string,
  ) {
    super(
      'PARTY_NOT_REACHED',
      `${name} ran the top level of ${moduleUrl} again and did not reach call ${call + 1} of runMultiprocess there: ` +
        `${detail}. The top level must make the same calls in every party, so the calls may not depend on what only ` +
        'the first run knows (time, random numbers, input from a terminal, a test runner)',
    );
  }
}

/** `runMultiprocess`, `runExported` or `predict` was called where a party would have to launch parties of its own. */
export class NestedLaunchError extends TacitError {
  constructor(where: string) {
    super(
      'LAUNCH_NESTED',
      `parties were to be launched ${where}. Launch from the top level of a script, one call after another or all at ` +
        "once with Promise.all; runExported's function must be in a module that launches nothing when it is imported",
    );
  }
}

/** The options of a launch make no sense. */
export class LaunchOptionsError extends TacitError {
  constructor(message: string) {
    super('LAUNCH_OPTIONS', message);
  }
}

/** The launch was cancelled through its AbortSignal; `cause` is the signal's reason. */
export class LaunchAbortedError extends TacitError {
  constructor(reason: unknown) {
    super('LAUNCH_ABORTED', 'the computation was cancelled; all parties were stopped', { cause: reason });
  }
}

/** A party's function returned something that cannot leave its thread or process. */
export class ResultTransferError extends TacitError {
  constructor(path: string, what: string) {
    super('RESULT_NOT_TRANSFERABLE', `${path} is ${what}, which cannot leave the party`);
  }
}

/** A model has more than one input or output where one is expected. */
export class ModelInterfaceError extends TacitError {
  constructor(message: string) {
    super('MODEL_INTERFACE', message);
  }
}

/** The input file holds another type of element than the model takes. */
export class InputDtypeError extends TacitError {
  constructor(
    path: string,
    dtype: string,
    { name, type }: { readonly name: string; readonly type?: string },
  ) {
    super(
      'INPUT_DTYPE',
      `${path} holds ${dtype}, and the input '${name}' takes ${type === 'bool' ? 'bool, ' : ''}float32 or float64 (in Python: x.astype('float32'), scaled as in training)`,
    );
  }
}

/** The files of shares that the parties load do not belong together, or not to this computation. */
export class SharesMismatchError extends TacitError {
  constructor(message: string) {
    super('SHARES_MISMATCH', message);
  }
}

/** Another party could not read or write its file. Its own error says more; `remoteCode` is the code of that. */
export class PeerFileError extends TacitError {
  constructor(
    readonly rank: number,
    readonly remoteCode: string,
  ) {
    super(
      'PEER_FILE',
      `party ${rank} could not read or write its file (${remoteCode}); its own error says more`,
    );
  }
}
