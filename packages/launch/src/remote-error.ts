/** Errors between threads and processes: name, message, code, stack and chain of causes survive; classes do not. */
export interface EncodedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: EncodedError;
}

const MAX_CAUSES = 8;

/**
 * An error as it travels.
 * @param thrown anything
 * @param depth how many causes lead to it; for the function itself
 * @returns plain values
 */
export function encodeError(thrown: unknown, depth = 0): EncodedError {
  if (!(thrown instanceof Error)) return { name: 'Error', message: `thrown: ${describe(thrown)}` };
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  return {
    name: thrown.name,
    message: thrown.message,
    code,
    stack: thrown.stack,
    cause:
      thrown.cause !== undefined && depth < MAX_CAUSES ? encodeError(thrown.cause, depth + 1) : undefined,
  };
}

/**
 * An error of another thread or process, with its own stack.
 * @param encoded of `encodeError`
 * @returns an Error, whatever its class was
 */
export function decodeError(encoded: EncodedError): Error & { code?: string } {
  const error: Error & { code?: string } = new Error(encoded.message);
  error.name = encoded.name;
  error.stack = encoded.stack;
  if (encoded.code !== undefined) error.code = encoded.code;
  if (encoded.cause) error.cause = decodeError(encoded.cause);
  return error;
}

function describe(value: unknown): string {
  try {
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  } catch {
    return String(value);
  }
}
