/** Errors as a user of the command sees them: `tacit: error [CODE]: message`, a hint, and the stack on request. */
import { CommanderError } from 'commander';
import { LaunchAbortedError, LaunchOptionsError, PartyError } from '../errors.js';
import { TrainConfigError } from '../train/errors.js';

const HINTS: Readonly<Record<string, string>> = {
  MODEL_FORMAT: 'export the model again, with its weights inside the file',
  UNSUPPORTED_MODEL: "'tacit check MODEL.onnx' lists the same without running anything",
  INPUT_SHAPE: "'tacit check MODEL.onnx' shows the shape that the model takes",
  DAEMON_CONFIG: "'tacit config show' prints every setting and where it comes from",
  TRAIN_CONFIG: "'tacit train --example' prints a config with comments",
  NPY_FORMAT: "write the file with numpy.save, e.g. numpy.save('input.npy', x.astype('float32'))",
  VALUE_OUT_OF_RANGE: 'look for NaN, infinities and unscaled values in the input',
  PEER_TIMEOUT: 'if the machine is only slow, raise --timeout',
};

export const debugRequested = (args: readonly string[]): boolean =>
  args.includes('--debug') || !['', '0', undefined].includes(process.env.TACIT_DEBUG);

/** What failed, where it is known who: the error of a party speaks for itself. */
function unwrap(error: unknown): { code: string; message: string } {
  if (error instanceof CommanderError)
    return { code: 'USAGE', message: error.message.replace(/^error: /, '').replaceAll('\n', ' ') };
  if (error instanceof PartyError) {
    const { code = 'PARTY_FAILED', message } = error.cause;
    return { code, message: `${message}${message.endsWith('.') ? '' : '.'} (${error.member})` };
  }
  if (error instanceof Error)
    return { code: 'code' in error ? String(error.code) : error.name, message: error.message };
  return { code: 'UNKNOWN', message: String(error) };
}

/**
 * Prints an error.
 * @param error what was thrown
 * @param command what was called, such as `tacit batch submit`, whose help explains wrong options
 * @param debug whether the stack is wanted
 */
export function reportError(error: unknown, command: string, debug: boolean): void {
  const { code, message } = unwrap(error);
  const hint = code === 'USAGE' ? `see '${command} --help'` : HINTS[code];
  const lines = [`tacit: error [${code}]: ${message}`];
  if (hint) lines.push(`  hint: ${hint}`);
  if (debug) {
    let current = error;
    for (let i = 0; i < 8 && current instanceof Error; i++, current = current.cause)
      lines.push(String(current.stack));
  }
  process.stderr.write(`${lines.join('\n')}\n`);
}

export function exitCodeOf(error: unknown): number {
  if (
    error instanceof CommanderError ||
    error instanceof LaunchOptionsError ||
    error instanceof TrainConfigError ||
    // Of a package that this one does not load.
    ['DAEMON_CONFIG', 'DAEMON_USAGE', 'BATCH_USAGE', 'QUEUE_ADDRESS'].includes(codeOf(error))
  )
    return 2;
  if (error instanceof LaunchAbortedError || ['SESSION_CANCELLED', 'LOCK_CANCELLED'].includes(codeOf(error)))
    return 130;
  // As sysexits.h has them, for whatever starts commands again: it may succeed later, or it will not.
  if (['SHARD_WAIT', 'QUEUE_UNREACHABLE'].includes(codeOf(error))) return 75;
  if (codeOf(error) === 'BATCH_FAILED') return 65;
  return 1;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';
