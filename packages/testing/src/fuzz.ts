/** Bytes and texts that are nearly right, for parsers. */
import { randomBytes, randomInteger } from './random.js';

/**
 * How many inputs a test of a parser makes.
 * @param usual without TACIT_FUZZ_RUNS in the environment
 * @returns a whole number
 */
export const fuzzRuns = (usual: number): number => Number(process.env.TACIT_FUZZ_RUNS || usual);

const joined = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.concat(parts));

const EDGES = [0, 1, 0x7f, 0x80, 0xff];

/**
 * Something close to a valid input, or nothing like it.
 * @param valid the bytes of an input that is right
 * @returns an array of its own, a little longer at most, or a thousand random bytes
 */
export function mutated(valid: Uint8Array): Uint8Array<ArrayBuffer> {
  const pick = randomInteger(8);
  if (pick === 0) return new Uint8Array(randomBytes(randomInteger(1000)));
  if (pick === 1) return valid.slice(0, randomInteger(valid.length + 1));
  let bytes = Uint8Array.from(valid);
  const at = (): number => randomInteger(Math.max(1, bytes.length));
  for (let changes = 1 + randomInteger(3); changes > 0 && bytes.length > 0; changes--) {
    const from = at();
    switch (randomInteger(5)) {
      case 0:
        bytes[from] ^= 1 << randomInteger(8);
        break;
      case 1:
        bytes[from] = EDGES[randomInteger(EDGES.length)];
        break;
      case 2:
        bytes.fill(EDGES[randomInteger(EDGES.length)], from, from + 4);
        break;
      case 3: {
        const part = bytes.slice(from, from + 1 + randomInteger(16));
        bytes = joined(bytes.subarray(0, from), part, bytes.subarray(from));
        break;
      }
      default:
        bytes = joined(bytes.subarray(0, from), bytes.subarray(from + 1 + randomInteger(16)));
    }
  }
  return bytes;
}

const VALUES = [null, true, false, 0, -1, 1.5, 2 ** 53, 1e300, '', 'x', '__proto__', [], {}, [[]]];

/**
 * JSON that is nearly right: as `mutated`, or still JSON with other values.
 * @param valid an object as JSON
 * @returns text
 */
export function mutatedJson(valid: string): string {
  if (randomInteger(2) === 0) return Buffer.from(mutated(Buffer.from(valid))).toString('utf8');
  const object = JSON.parse(valid) as Record<string, unknown>;
  const names = [...Object.keys(object), '__proto__', 'extra'];
  const name = names[randomInteger(names.length)];
  if (randomInteger(3) === 0) delete object[name];
  else
    Object.defineProperty(object, name, {
      value: VALUES[randomInteger(VALUES.length)],
      enumerable: true,
      configurable: true,
    });
  return JSON.stringify(object);
}
