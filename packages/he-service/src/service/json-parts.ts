/** A bound on what comes out of JSON before it is parsed: a few bytes of text can make a hundred in memory. */
import { RequestError } from './errors.js';

/** Most values of a body, nearly all of them ciphertexts. */
const PARTS_MOST = 2 ** 17;
const [COMMA, BRACKET, BRACE] = Buffer.from(',[{');

/** Counts what separates or opens values, also within texts: base64 has none of it. Throws BAD_REQUEST. */
export function checkParts(json: Uint8Array): void {
  let parts = 0;
  for (const byte of json) if (byte === COMMA || byte === BRACKET || byte === BRACE) parts++;
  if (parts > PARTS_MOST)
    throw new RequestError(
      'BAD_REQUEST',
      `the JSON has ${parts} values or more, at most ${PARTS_MOST} are read`,
    );
}
