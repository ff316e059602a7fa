/** Errors of a launch as values, so that a catch clause gets the same classes when its script runs again in a party. */
import { PartyError, PartyExitedError } from './errors.js';
import { decodeError, type EncodedError, encodeError } from './remote-error.js';

export type EncodedLaunchError =
  | { readonly kind: 'party'; readonly rank: number; readonly member: string; readonly cause: EncodedError }
  | {
      readonly kind: 'exit';
      readonly rank: number;
      readonly member: string;
      readonly code: number | null;
      readonly signal: string | null;
    }
  | { readonly kind: 'other'; readonly error: EncodedError };

export function encodeLaunchError(error: unknown): EncodedLaunchError {
  if (error instanceof PartyError) {
    const { rank, member, cause } = error;
    return { kind: 'party', rank, member, cause: encodeError(cause) };
  }
  if (error instanceof PartyExitedError) {
    const { rank, member, exitCode, signal } = error;
    return { kind: 'exit', rank, member, code: exitCode, signal };
  }
  return { kind: 'other', error: encodeError(error) };
}

export function decodeLaunchError(encoded: EncodedLaunchError): Error {
  switch (encoded.kind) {
    case 'party':
      return new PartyError(encoded.rank, encoded.member, decodeError(encoded.cause));
    case 'exit':
      return new PartyExitedError(encoded.rank, encoded.member, encoded.code, encoded.signal);
    case 'other':
      return decodeError(encoded.error);
  }
}
