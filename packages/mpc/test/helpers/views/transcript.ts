/** Everything that the members of one run receive, with what protocols say about the form of their messages. */
import type { Session } from '../../../src/index.js';
import { fieldWords } from '../../../src/runtime/layout.js';
import { PartyOp } from '../../../src/runtime/party-op.js';
import { type RunOptions, runParties } from '../parties.js';
import { RecordedTransport } from '../recorded.js';
import type { Format } from './columns.js';

/** A message, as it came in. */
export interface Received {
  readonly from: number;
  readonly to: number;
  readonly key: string;
  readonly payload: Uint8Array;
}

/** One run. */
export interface Transcript {
  readonly received: readonly Received[];
  /** Parts of messages, one after the other, by key; others are words. */
  readonly formats: ReadonlyMap<string, readonly Format[]>;
  /** Keys of messages that add up to what is told. */
  readonly told: ReadonlySet<string>;
}

/** Runs a program and records what everybody receives. */
export async function transcriptOf(
  parties: number,
  program: (session: Session) => Promise<unknown>,
  options: RunOptions = {},
): Promise<Transcript> {
  const received: Received[] = [];
  const formats = new Map<string, readonly Format[]>();
  const told = new Set<string>();
  const unhook = watchFormats(formats, told);
  try {
    await runParties(parties, program, {
      ...options,
      tamper: (transport) =>
        new RecordedTransport(transport, (from, { key, payload }) =>
          received.push({ from, to: transport.rank, key, payload: payload.slice() }),
        ),
    });
  } finally {
    unhook();
  }
  return { received, formats, told };
}

function watchFormats(formats: Map<string, readonly Format[]>, told: Set<string>): () => void {
  const own = PartyOp.prototype;
  const { openWords, openWhole, openPlanes, openPlaneSummands, revealBits, dealt } = own;
  const planes = (op: PartyOp, name: string, count: number): void => {
    formats.set(`${op.key}/${name}`, [{ kind: 'planes', planes: count, n: op.n }]);
  };
  own.openWords = function (name, bits, produce) {
    formats.set(`${this.key}/${name}`, [{ kind: 'numbers', bits, n: this.n }]);
    return openWords.call(this, name, bits, produce);
  };
  own.openWhole = function (name, ...rest) {
    formats.set(`${this.key}/${name}`, [{ kind: 'numbers', bits: 64, n: this.n }]);
    return openWhole.call(this, name, ...rest);
  };
  own.openPlanes = function (name, count, ...rest) {
    planes(this, name, count);
    return openPlanes.call(this, name, count, ...rest);
  };
  own.openPlaneSummands = function (name, produce) {
    planes(this, name, 1);
    return openPlaneSummands.call(this, name, produce);
  };
  own.revealBits = function (name, produce) {
    planes(this, name, 1);
    told.add(`${this.key}/${name}`);
    return revealBits.call(this, name, produce);
  };
  own.dealt = function () {
    formats.set(
      `c/${this.key}`,
      this.layout.fields
        .filter((field) => field.dealt)
        .map((field) => {
          if (field.planes > 0) return { kind: 'planes', planes: field.planes, n: this.n };
          // Two to a word; where their number is odd, the last one has no use.
          const words = fieldWords(field, this.n);
          return field.halves > 0
            ? { kind: 'numbers', bits: 32, n: 2 * words }
            : { kind: 'numbers', bits: 64, n: words };
        }),
    );
    return dealt.call(this);
  };
  return () => Object.assign(own, { openWords, openWhole, openPlanes, openPlaneSummands, revealBits, dealt });
}
