/** Whether what the members receive tells anything of the inputs: messages of many runs with either of two inputs. */
import type { Session } from '../../../src/index.js';
import type { RunOptions } from '../parties.js';
import type { Column } from './columns.js';
import { Counts } from './counts.js';
import { type Message, type Messages, messagesOf } from './messages.js';
import { isAlarm, surpriseOfTwo, surpriseOfUniform } from './surprise.js';
import { transcriptOf } from './transcript.js';

export interface Comparing extends RunOptions {
  readonly parties: number;
  /** Runs of each input. An even number: they are compared by pairs. Default 2. */
  readonly runs?: number;
  /**
   * Whether all digits of all pairs of messages are compared. Otherwise the lowest and the highest digit, and of what is
   * opened the sum and not each summand.
   */
  readonly thorough?: boolean;
  /** Bits that are told belong together by so many: their joint frequencies must not depend on the input. */
  readonly toldTogether?: number;
}

/** A program for two inputs: it gets 0 or 1. */
export type TwoInputs = (session: Session, which: 0 | 1) => Promise<unknown>;

export interface Findings {
  /** What differs or is not uniform, in words; nothing, if nothing is. */
  readonly suspicions: string[];
  /** Seeds that were sent. */
  readonly seeds: readonly Uint8Array[];
}

/** Runs a program with either input in turn and looks for differences. */
export async function compareInputs(program: TwoInputs, options: Comparing): Promise<Findings> {
  const { parties, runs = 2, thorough = false, toldTogether, ...running } = options;
  const suspicions = new Set<string>();
  const counts = [new Counts(), new Counts()];
  const between = new Counts();
  const rests = [new Counts(), new Counts()];
  const told = [new Counts(), new Counts()];
  const seeds: Uint8Array[] = [];
  let before: Messages[] = [];
  let first: Messages | undefined;
  for (let run = 0; run < runs; run++) {
    const now: Messages[] = [];
    for (const which of [0, 1] as const) {
      const found = messagesOf(await transcriptOf(parties, (s) => program(s, which), running));
      first ??= found;
      for (const line of differences(first.shape, found.shape)) suspicions.add(`not in all runs: ${line}`);
      seeds.push(...found.seeds);
      now.push(found);
    }
    // What has another shape has been found out; it cannot be counted together.
    if (suspicions.size > 0) break;
    for (const [which, { messages, rest, told: bits }] of now.entries()) {
      countMessages(counts[which], messages, thorough);
      countPairs(counts[which], messages, parties, thorough);
      rests[which].one(['bits that fill up'], { bits: 1, symbols: rest });
      if (toldTogether) for (const [key, column] of bits) told[which].runs([key], column, toldTogether);
      if (run % 2 === 1) countAgain(between, 'two runs of one input', before[which], now[which], thorough);
    }
    countAgain(between, 'runs of both inputs', now[0], now[1], thorough);
    before = now;
  }
  const suspect = (surprise: number, what: string, how: string) => {
    if (isAlarm(surprise)) suspicions.add(`${what}: ${how}, by 10^-${Math.floor(surprise / Math.LN10)}`);
  };
  for (const each of [...counts, between])
    for (const [what, bins] of each.all()) suspect(surpriseOfUniform(bins), what, 'not uniform');
  for (const [a, b] of [counts, rests, told]) {
    const others = new Map(b.all());
    for (const [what, bins] of a.all())
      suspect(surpriseOfTwo(bins, others.get(what) ?? NOTHING), what, 'depends on the input');
  }
  return { suspicions: [...suspicions], seeds };
}

const NOTHING = new Uint32Array();

/** Names of digits, each made once. */
const DIGITS = Array.from({ length: 64 }, (_, k) => `digit ${k}`);
const digit = (k: number): string => DIGITS[k] ?? `digit ${k}`;

function differences(expected: readonly string[], found: readonly string[]): string[] {
  const [a, b] = [new Set(expected), new Set(found)];
  const lines = [...expected.filter((line) => !b.has(line)), ...found.filter((line) => !a.has(line))];
  if (lines.length === 0 && expected.length !== found.length) lines.push('as many messages');
  return lines;
}

/** Digits of numbers that stand for the others: the lowest and the highest; or all of them. */
function someOf(count: number, thorough: boolean): number[] {
  const all = Array.from({ length: count }, (_, k) => k);
  return thorough ? all : all.filter((k) => k === 0 || k === count - 1);
}

/** Bytes, digit by digit and each with the next; neighbours; elements half of the message apart. */
function countMessages(counts: Counts, messages: readonly Message[], thorough: boolean): void {
  for (const { id, columns } of messages) {
    columns.forEach((column, k) => {
      counts.one([id, digit(k), 'alone'], column);
      const next = columns[k + 1];
      if (next) counts.two([id, digit(k), 'and the next'], column, next);
    });
    for (const k of someOf(columns.length, thorough)) {
      const column = columns[k];
      const half = column.symbols.length >> 1;
      counts.two([id, digit(k), 'of neighbours'], column, column, { b: 1, step: 2, count: half });
      counts.two([id, digit(k), 'of both halves'], column, column, { b: half, count: half });
    }
  }
}

/** Each two messages of a run, digit by digit: a mask that is used for both shows there. */
function countPairs(counts: Counts, messages: readonly Message[], parties: number, thorough: boolean): void {
  const those = thorough ? messages : messages.filter(({ summand }) => !summand);
  those.forEach((x, i) => {
    for (const y of those.slice(i + 1)) {
      const sameOpening = x.key === y.key;
      // The lowest bits of a sum and an exclusive or are the same; two shares make up what two parties tell.
      if (sameOpening && ((x.derived && y.derived) || (x.told && parties === 2))) continue;
      eachColumn(x.columns, y.columns, thorough, (a, b, k) => counts.two([x.id, y.id, digit(k)], a, b));
    }
  });
}

/** Messages of two runs. */
function countAgain(counts: Counts, what: string, one: Messages, other: Messages, thorough: boolean): void {
  one.messages.forEach((x, i) => {
    eachColumn(x.columns, other.messages[i].columns, thorough, (a, b, k) =>
      counts.two([what, x.id, digit(k)], a, b),
    );
  });
}

/** Columns at the same place, counted from the lowest, and the highest ones. */
function eachColumn(
  x: readonly Column[],
  y: readonly Column[],
  thorough: boolean,
  visit: (a: Column, b: Column, k: number) => void,
): void {
  for (const k of someOf(Math.min(x.length, y.length), thorough)) visit(x[k], y[k], k);
}
