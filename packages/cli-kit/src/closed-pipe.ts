/** What becomes of a command whose output nobody reads any more. */
import type { Writable } from 'node:stream';

/** 128 and the number of SIGPIPE: what other commands end with in the same place. */
const EXIT_CODE = 141;

/**
 * Makes this process end without a word when the reader of its output has gone, as in `tacit … | head`; other programs are
 * ended by SIGPIPE there, which Node.js ignores. Notes on stderr that nobody reads are lost and end nothing. For the entry
 * point of a command.
 * @param stdout the output
 * @param stderr the notes beside it
 * @example endWithReader();
 */
export function endWithReader(stdout: Writable = process.stdout, stderr: Writable = process.stderr): void {
  stdout.off('error', onOutputError).on('error', onOutputError);
  stderr.off('error', onNotesError).on('error', onNotesError);
}

function onOutputError(error: NodeJS.ErrnoException): void {
  onNotesError(error);
  process.exit(EXIT_CODE);
}

function onNotesError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
