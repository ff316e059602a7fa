/**
 * Which of several failures to report: when one member fails, all others fail because of it. The root cause is the
 * first failure of the most telling kind.
 */
import { PartyError, PartyExitedError } from '../errors.js';
import { decodeError, type EncodedError } from '../remote-error.js';

export interface Failure {
  readonly rank: number;
  readonly name: string;
  readonly reason:
    | { readonly kind: 'error'; readonly error: EncodedError }
    | { readonly kind: 'exit'; readonly code: number | null; readonly signal: string | null }
    /** An error of the launcher about this member, to be thrown as it is. */
    | { readonly kind: 'launch'; readonly error: Error };
}

/** Errors that only say that somebody else failed, the more indirect the higher. */
const CONSEQUENCES: Readonly<Record<string, number>> = {
  PEER_FILE: 2,
  PROTOCOL_VIOLATION: 2,
  PEER_TIMEOUT: 3,
  PEER_UNREACHABLE: 3,
  PEER_LEFT: 4,
  PEER_ABORTED: 5,
  COMM_CLOSED: 6,
  LAUNCH_ABORTED: 6,
};

function indirection({ reason }: Failure): number {
  if (reason.kind === 'exit') return 1;
  return reason.kind === 'error' ? (CONSEQUENCES[reason.error.code ?? ''] ?? 0) : 0;
}

/** Whether a failure is nobody else's consequence, so that waiting for further reports cannot find a better one. */
export const isRootCause = (failure: Failure): boolean => indirection(failure) <= 1;

/** The error for the caller. `failures` in the order in which they became known; not empty. */
export function verdict(failures: readonly Failure[]): Error {
  const [root] = [...failures].sort((a, b) => indirection(a) - indirection(b));
  const { rank, name, reason } = root;
  switch (reason.kind) {
    case 'launch':
      return reason.error;
    case 'exit':
      return new PartyExitedError(rank, name, reason.code, reason.signal);
    case 'error':
      return new PartyError(rank, name, decodeError(reason.error));
  }
}
