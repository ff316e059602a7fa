/** Compares the parties' transcripts: a few bytes in each frame, and the operations by name once they differ. */
import type { Communicator, Entry } from '@tacit/comm';
import { ProtocolViolationError } from '@tacit/comm';
import { ProgramMismatchError } from './errors.js';
import type { OpId } from './prg.js';
import { textBytes, textFrom } from './text.js';
import { type IssuedOp, scopeHash, Transcript } from './transcript.js';

const MARK = '#p';
const HISTORY = '#h';
const ENDED = '#e';
const FINISHED = '#f';
/** Parties that send nothing tell how far they are at least so often. */
const TELL_MS = 1000;
/** How long to wait for the other side's list of operations before giving up on naming its operation. */
const HISTORY_WAIT_MS = 3000;

type HistoryRow = [index: number, hash: string, text: string];
/** A scope at the end of a party's program. */
type FinalRow = [name: string, issued: number, hash: string];
const NOTHING = 'nothing (the program ended)';

export class ProgramCheck {
  readonly #comm: Communicator;
  readonly #parties: number;
  readonly #fail: (error: Error) => void;
  readonly #scopes = new Map<number, { name: string; transcript: Transcript }>();
  /** Operations of which a peer has been told, by peer and scope. */
  readonly #told = new Map<string, number>();
  /** Final states of the parties whose programs have ended. */
  readonly #ended = new Map<number, Map<string, FinalRow>>();
  readonly #telling: ReturnType<typeof setInterval>;
  /** The party whose program was found to be another, before both operations are known. */
  #differing: number | undefined;

  constructor(comm: Communicator, parties: number, fail: (error: Error) => void) {
    this.#comm = comm;
    this.#parties = parties;
    this.#fail = fail;
    comm.onKey('any', MARK, (payload, _key, from) => this.#onMark(from, payload));
    comm.onKey('any', HISTORY, (payload, _key, from) => this.#onHistory(from, payload));
    comm.onKey('any', ENDED, (payload, _key, from) => this.#onEnded(from, payload));
    this.#telling = setInterval(() => this.#tell(), TELL_MS);
    this.#telling.unref?.();
    comm.onAbort(() => clearInterval(this.#telling));
  }

  add(transcript: Transcript, name = ''): void {
    this.#scopes.set(transcript.scope, { name, transcript });
    for (const [peer, final] of this.#ended) this.#compareWithEnd(peer, transcript, final.get(name));
  }

  /** Parties that wait for each other because they run different programs send no frames with marks. */
  #tell(): void {
    try {
      for (const peer of this.#peers()) {
        const mark = this.entryFor(peer);
        if (mark) this.#comm.sendBatch(peer, [mark]);
      }
    } catch {
      clearInterval(this.#telling); // the session is over
    }
  }

  *#peers(): Generator<number> {
    for (let peer = 0; peer < this.#parties; peer++) if (peer !== this.#comm.rank) yield peer;
  }

  /** The transcript of a named scope, made at its first use. */
  scope(name: string): Transcript {
    const known = this.#scopes.get(scopeHash(name));
    if (known && known.name !== name)
      throw new RangeError(`scope names '${name}' and '${known.name}' collide; rename one`);
    if (known) return known.transcript;
    const transcript = new Transcript(name);
    this.add(transcript, name);
    return transcript;
  }

  /** What the next frame to `to` says about the operations issued since the last one; undefined if nothing is new. */
  entryFor(to: number): Entry | undefined {
    const marks: string[] = [];
    for (const { transcript } of this.#scopes.values()) {
      const last = transcript.recent.at(-1);
      const key = `${to}/${transcript.scope}`;
      if (!last || this.#told.get(key) === last.id.index) continue;
      this.#told.set(key, last.id.index);
      marks.push(`${transcript.scope} ${last.id.index} ${last.hash}`);
    }
    return marks.length === 0 ? undefined : { key: MARK, payload: textBytes(marks.join('\n')) };
  }

  #onMark(from: number, payload: Uint8Array): void {
    for (const line of textFrom(from, payload).split('\n')) {
      const [scope, index, hash] = line.split(' ');
      const at = Number(index);
      if (!Number.isInteger(at) || at < 0 || hash === undefined || hash.length !== 16)
        // Handlers may throw: the communicator ends the computation with that error.
        throw new ProtocolViolationError(`party ${from} sent an unreadable transcript mark`, from);
      const known = this.#scopes.get(Number(scope));
      // A scope that this party has not opened yet is compared at its next mark or at the end.
      known?.transcript.whenIssued(at, (op) => {
        if (op.hash !== hash) this.#onMismatch(from, op, known.transcript);
      });
    }
  }

  #history(transcript: Transcript): Uint8Array {
    const rows: HistoryRow[] = transcript.recent.map((o) => [o.id.index, o.hash, o.text]);
    return textBytes(JSON.stringify({ scope: transcript.scope, rows }));
  }

  #onMismatch(from: number, op: IssuedOp, transcript: Transcript): void {
    if (this.#differing !== undefined) return;
    this.#differing = from;
    this.#comm.send(from, HISTORY, this.#history(transcript));
    setTimeout(() => {
      this.#fail(new ProgramMismatchError(op.id.index, readable(op.text), 'a different one', from));
    }, HISTORY_WAIT_MS).unref?.();
  }

  #onHistory(from: number, payload: Uint8Array): void {
    const { scope, rows } = readHistory(from, payload);
    const transcript = this.#scopes.get(scope)?.transcript;
    if (this.#differing === undefined && transcript) {
      this.#differing = from;
      this.#comm.send(from, HISTORY, this.#history(transcript));
    }
    const mine = new Map(transcript?.recent.map((o) => [o.id.index, o]));
    const theirs = new Map(rows.map(([index, hash, text]) => [index, { hash, text }]));
    const known = [mine, theirs].filter((ops) => ops.size > 0).map((ops) => Math.min(...ops.keys()));
    const last = Math.max(-1, ...mine.keys(), ...theirs.keys());
    let index = Math.max(0, ...known);
    while (index <= last && mine.get(index)?.hash === theirs.get(index)?.hash) index++;
    const [here, there] = [mine, theirs].map((ops) => ops.get(index)?.text);
    const error = new ProgramMismatchError(
      index,
      here ? readable(here) : NOTHING,
      there ? readable(there) : NOTHING,
      from,
    );
    // Let the answer leave before everything closes.
    setTimeout(() => this.#fail(error), 20);
  }

  /** A party's program has ended: whoever goes on runs another one, and would wait for it. */
  #onEnded(from: number, payload: Uint8Array): void {
    const rows = readFinal(from, payload);
    const final = new Map(rows.map((row) => [row[0], row]));
    this.#ended.set(from, final);
    for (const { name, transcript } of this.#scopes.values())
      this.#compareWithEnd(from, transcript, final.get(name));
  }

  #compareWithEnd(from: number, transcript: Transcript, final: FinalRow | undefined): void {
    const [, issued, hash] = final ?? ['', 0, ''];
    const differs = (op: IssuedOp) => this.#onMismatch(from, op, transcript);
    if (issued > 0)
      transcript.whenIssued(issued - 1, (op) => {
        if (op.hash !== hash) differs(op);
      });
    const beyond =
      transcript.issued > issued ? (transcript.find(issued) ?? transcript.recent.at(-1)) : undefined;
    if (beyond) differs(beyond);
    else transcript.whenIssued(issued, differs);
  }

  /** A value came from `from` with another hash of operation `id`: ends the computation; never resolves. */
  async differ(from: number, id: OpId): Promise<never> {
    const transcript = this.#scopes.get(id.scope)?.transcript;
    const op = transcript?.find(id.index) ?? transcript?.recent.at(-1);
    if (transcript && op) this.#onMismatch(from, op, transcript);
    return this.#failed(from);
  }

  /**
   * What went wrong, given an error of an operation: where programs differ, messages have other sizes, too, and the
   * difference is the better explanation.
   */
  async explain(error: unknown): Promise<unknown> {
    if (this.#differing === undefined || !(error instanceof ProtocolViolationError)) return error;
    return this.#failed(this.#differing).catch((difference) => difference);
  }

  /** Waits for the fail() that #onMismatch and the peer's answer end in. */
  async #failed(peer: number): Promise<never> {
    await this.#comm.receive(peer, '#never');
    throw new ProtocolViolationError(`party ${peer} sent what no party sends`, peer);
  }

  /** Ends the program: all parties compare their final transcripts. */
  async finish(): Promise<void> {
    clearInterval(this.#telling);
    const state = [...this.#scopes.values()].map(
      ({ name, transcript }): FinalRow => [name, transcript.issued, transcript.recent.at(-1)?.hash ?? ''],
    );
    state.sort((a, b) => (a[0] < b[0] ? -1 : 1));
    const mine = JSON.stringify(state);
    for (const peer of this.#peers())
      this.#comm.sendBatch(peer, [
        { key: ENDED, payload: textBytes(mine) },
        { key: FINISHED, payload: textBytes(mine) },
      ]);
    for (const peer of this.#peers()) {
      const payload = await this.#comm.receive(peer, FINISHED);
      if (textFrom(peer, payload) === mine) continue;
      this.#onEnded(peer, payload);
      // A scope that only the peer has is found by the peer.
      await this.#failed(peer);
    }
  }
}

function readHistory(from: number, payload: Uint8Array): { scope: number; rows: HistoryRow[] } {
  try {
    const { scope, rows } = JSON.parse(textFrom(from, payload));
    if (Array.isArray(rows) && rows.every(isHistoryRow)) return { scope: Number(scope), rows };
  } catch {
    // said below
  }
  throw new ProtocolViolationError('it sent an unreadable list of operations', from);
}

const isHistoryRow = (row: unknown): row is HistoryRow =>
  Array.isArray(row) &&
  Number.isInteger(row[0]) &&
  row[0] >= 0 &&
  typeof row[1] === 'string' &&
  typeof row[2] === 'string';

function readFinal(from: number, payload: Uint8Array): FinalRow[] {
  try {
    const rows: unknown = JSON.parse(textFrom(from, payload));
    if (Array.isArray(rows) && rows.every(isFinalRow)) return rows;
  } catch {
    // said below
  }
  throw new ProtocolViolationError('it sent an unreadable end of its program', from);
}

const isFinalRow = (row: unknown): row is FinalRow =>
  Array.isArray(row) &&
  typeof row[0] === 'string' &&
  Number.isInteger(row[1]) &&
  row[1] >= 0 &&
  typeof row[2] === 'string';

/** A descriptor for people: kind and the shapes or sizes in it. */
function readable(text: string): string {
  try {
    const { kind, ...rest } = JSON.parse(text) as Record<string, unknown>;
    return `'${kind}' ${JSON.stringify(rest)}`;
  } catch {
    return 'unreadable';
  }
}
