/** A transcript as what can be counted: the columns of each message, and of what the messages of an opening add up to. */
import { added, bytesOf, type Column, columnsOf, type Format, xored } from './columns.js';
import type { Received, Transcript } from './transcript.js';

/** Something that is uniform and independent of the secrets if a protocol keeps its promise. */
export interface Message {
  /** The same in every run of a program. */
  readonly id: string;
  /** Of the opening or the reveal that it belongs to. */
  readonly key: string;
  /** Whether it is one of several that add up to what is opened. */
  readonly summand: boolean;
  /** Whether other messages make it up. */
  readonly derived: boolean;
  /** Whether it and those of the other parties add up to what is told. */
  readonly told: boolean;
  readonly columns: readonly Column[];
}

/** What is counted of a transcript. */
export interface Messages {
  readonly messages: readonly Message[];
  /** Bits that fill messages up. */
  readonly rest: Uint8Array;
  /** Bits that protocols tell, by key. */
  readonly told: ReadonlyMap<string, Column>;
  /** What must not differ between inputs, line by line: links, keys and sizes, and all that is not of an operation. */
  readonly shape: readonly string[];
  /** Seeds of pairs and from the dealer. */
  readonly seeds: readonly Uint8Array[];
}

/** A message of an operation or one of its chunks, or a correction. */
const OPERATION = /^(?:c\/)?(?:[0-9a-f]{32}:)?\d+(?:\.\d+)?(?:\/[^/]+)?$/;
const SEEDS = ['pair', 'seed'];
/** The same bytes whatever the inputs are. */
const PUBLIC = ['hello', '#d', '#e', '#f'];
/** What they hold depends on when messages arrive: how far a party was, and what it has used by then. */
const PROGRESS = ['#p', '#a', '#r'];
const STAMP_BYTES = 8;

/** @throws Error for a message that belongs to no class: it must be put into one of the lists above */
export function messagesOf({ received, formats, told }: Transcript): Messages {
  const shape: string[] = [];
  const seeds: Uint8Array[] = [];
  const operations: Received[] = [];
  for (const message of received) {
    const { from, to, key, payload } = message;
    const link = `${from} to ${to}: ${key}, ${payload.length} bytes`;
    if (PROGRESS.includes(key)) continue;
    if (PUBLIC.includes(key)) shape.push(`${link}: ${new TextDecoder().decode(payload)}`);
    else if (SEEDS.includes(key)) seeds.push(payload);
    else if (!OPERATION.test(key)) throw new Error(`nobody knows what messages like '${key}' are`);
    else {
      shape.push(link);
      operations.push(message);
    }
  }
  shape.push(...orders(operations));
  const revealed = new Set([...told, ...revealsIn(operations, formats)]);
  const rests: number[] = [];
  const once = distinct(operations);
  const senders = new Map<string, number>();
  for (const { key } of once) senders.set(key, (senders.get(key) ?? 0) + 1);
  const sent = once.map(({ id, key, payload }) => {
    let body = payload;
    if (revealed.has(key) && !told.has(key)) {
      shape.push(`${id}, stamp ${payload.slice(0, STAMP_BYTES)}`);
      body = payload.subarray(STAMP_BYTES);
    }
    return partsOf(body, formats.get(key)).map(({ columns, rest }, i): Message => {
      for (const bit of rest) rests.push(bit);
      const isTold = revealed.has(key);
      const summand = !isTold && (senders.get(key) ?? 0) > 1;
      return { id: `${id}, part ${i}`, key, summand, derived: false, told: isTold, columns };
    });
  });
  const byKey = new Map<string, Message[]>();
  for (const [first] of sent) if (first) byKey.set(first.key, [...(byKey.get(first.key) ?? []), first]);
  const toldBits = new Map<string, Column>();
  const derived: Message[] = [];
  for (const [key, messages] of byKey) {
    if (told.has(key)) toldBits.set(key, messages.map(({ columns }) => columns).reduce(xored)[0]);
    if (revealed.has(key) || messages.length < 2) continue;
    const combine = (name: string, f: typeof added) => {
      const columns = messages.map((message) => message.columns).reduce(f);
      derived.push({ id: `${name} of ${key}`, key, summand: false, derived: true, told: false, columns });
    };
    combine('exclusive or', xored);
    // It is the same for bits.
    if (messages[0].columns.some(({ bits }) => bits > 1)) combine('sum', added);
  }
  return {
    messages: [...sent.flat(), ...derived],
    rest: Uint8Array.from(rests),
    told: toldBits,
    shape: shape.sort(),
    seeds,
  };
}

/**
 * In which order the messages of each operation come over each link. Which of two operations that do not depend on each
 * other sends first is a matter of time.
 */
function orders(operations: readonly Received[]): string[] {
  const names = new Map<string, string[]>();
  for (const { from, to, key } of operations) {
    const [operation, name] = key.split('/');
    const link = `${from} to ${to}, operation ${operation}`;
    names.set(link, [...(names.get(link) ?? []), name]);
  }
  return Array.from(names, ([link, list]) => `${link}: ${list}`);
}

/** Keys of reveals: words behind the hash of the program, which all send. */
const revealsIn = (operations: readonly Received[], formats: Transcript['formats']): string[] =>
  operations.filter(({ key }) => key.endsWith('/y') && !formats.has(key)).map(({ key }) => key);

/** What each party sent, once where several get the same. */
function distinct(operations: readonly Received[]): (Received & { readonly id: string })[] {
  const seen = new Map<string, Received & { readonly id: string }>();
  for (const message of operations) {
    const { from, to, key, payload } = message;
    const id = `${key} from ${from}`;
    const known = seen.get(id);
    if (!known) seen.set(id, { ...message, id });
    else if (!same(known.payload, payload)) seen.set(`${id} to ${to}`, { ...message, id: `${id} to ${to}` });
  }
  return [...seen.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

function partsOf(
  payload: Uint8Array,
  formats: readonly Format[] | undefined,
): ReturnType<typeof columnsOf>[] {
  if (!formats) return [columnsOf(payload, { kind: 'numbers', bits: 64, n: payload.length / 8 })];
  let at = 0;
  return formats.map((format, i) => {
    const last = i === formats.length - 1;
    const bytes = last ? payload.length - at : bytesOf(format);
    const part = columnsOf(payload.subarray(at, at + bytes), format);
    at += bytes;
    return part;
  });
}
