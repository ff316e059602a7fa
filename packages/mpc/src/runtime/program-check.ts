/**
 * Compares the parties' transcripts: a few bytes in each frame about the scopes that have news, and the operations by
 * name once they differ. A scope that has ended in the same way everywhere is forgotten.
 */
import type { Communicator, Entry } from '@tacit/comm';
import { ProtocolViolationError } from '@tacit/comm';
import { ProgramMismatchError, ScopeError } from './errors.js';
import type { OpId } from './prg.js';
import {
  encodeMark,
  type Final,
  type FinalRow,
  readFinal,
  readHistory,
  readMarks,
} from './program-messages.js';
import { type Scope, type ScopeEnd, Scopes } from './scopes.js';
import { type IssuedOp, scopeId, type Transcript } from './transcript.js';
import { textBytes, textFrom } from './utf8.js';

const MARK = '#p';
const HISTORY = '#h';
const ENDED = '#e';
const FINISHED = '#f';
/** How often parties that send nothing tell how far they are. */
const TELL_MS = 1000;
/** How long to wait for the other side's list of operations before giving up on naming its operation. */
const HISTORY_WAIT_MS = 3000;
const NOTHING = 'nothing (the program ended)';

export class ProgramCheck {
  readonly #comm: Communicator;
  readonly #parties: number;
  readonly #fail: (error: Error) => void;
  readonly #scopes = new Scopes();
  /** Scopes of which a peer has not been told the newest, by peer. */
  readonly #news = new Map<number, Set<Scope>>();
  /** Scopes that have ended at peers and were not opened here yet, by id and peer. */
  readonly #early = new Map<string, Map<number, ScopeEnd>>();
  /** How many scopes have ended at a peer. */
  readonly #endsSeen = new Map<number, number>();
  /** Final states of the parties whose programs have ended. */
  readonly #finals = new Map<number, Final>();
  readonly #telling: ReturnType<typeof setInterval>;
  /** The party whose program was found to be another, before both operations are known. */
  #differing: number | undefined;

  constructor(comm: Communicator, parties: number, fail: (error: Error) => void) {
    this.#comm = comm;
    this.#parties = parties;
    this.#fail = fail;
    for (const peer of this.#peers()) {
      this.#news.set(peer, new Set());
      comm.onKey(peer, MARK, (payload) => this.#onMark(peer, payload));
      comm.onKey(peer, HISTORY, (payload) => this.#onHistory(peer, payload));
      comm.onKey(peer, ENDED, (payload) => this.#onEnded(peer, readFinal(peer, payload)));
    }
    this.#telling = setInterval(() => this.#tell(), TELL_MS);
    this.#telling.unref?.();
    comm.onAbort(() => clearInterval(this.#telling));
  }

  get main(): Scope {
    return this.#scopes.main;
  }

  /** Entries that are kept about scopes: it must not grow with those that have ended. */
  get size(): number {
    let size = this.#scopes.size + this.#early.size;
    for (const news of this.#news.values()) size += news.size;
    return size;
  }

  /** Numbers an operation. */
  append(scope: Scope, text: string): IssuedOp {
    const issued = scope.transcript.append(text);
    for (const news of this.#news.values()) news.add(scope);
    return issued;
  }

  /** A named scope, made at its first use. @throws ScopeError where it has ended */
  scope(name: string): Scope {
    const scope = this.#scopes.named(name);
    const { transcript } = scope;
    const early = this.#early.get(transcript.scope);
    if (early) {
      this.#early.delete(transcript.scope);
      for (const [peer, end] of early) this.#onScopeEnd(peer, scope, end);
    }
    if (transcript.issued === 0)
      for (const [peer, final] of this.#finals)
        if (this.#allEndsSeen(peer, final)) this.#compareWithFinal(peer, scope, final);
    return scope;
  }

  /** Ends a scope here. @throws ScopeError where it is not open */
  end(name: string): void {
    const scope = this.#scopes.byId(scopeId(name));
    if (!scope || scope.ended || name === '')
      throw new ScopeError(`the scope '${name}' is not open; end it once, after its last operation`);
    this.#scopes.end(scope);
    for (const news of this.#news.values()) news.add(scope);
    for (const [peer, end] of scope.endedAt) this.#compareWithEnd(peer, scope, end);
    this.#settle(scope);
  }

  #settle(scope: Scope): void {
    if (scope.ended && scope.endedAt.size === this.#parties - 1) this.#scopes.settle(scope);
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

  /** What the next frame to `to` says about the operations issued since the last one; undefined if nothing is new. */
  entryFor(to: number): Entry | undefined {
    const news = this.#news.get(to);
    if (!news || news.size === 0) return undefined;
    const marks = Array.from(news, encodeMark);
    news.clear();
    return { key: MARK, payload: textBytes(marks.join('\n')) };
  }

  #onMark(from: number, payload: Uint8Array): void {
    // Handlers may throw: the communicator ends the computation with that error.
    for (const { id, issued, hash, ended } of readMarks(from, payload)) {
      const scope = this.#scopes.byId(id);
      if (ended) {
        this.#endsSeen.set(from, (this.#endsSeen.get(from) ?? 0) + 1);
        if (scope) this.#onScopeEnd(from, scope, { issued, hash });
        else this.#endedEarly(from, id, { issued, hash });
      } else {
        // A scope that this party has not opened yet is compared at its next mark or at the end.
        scope?.transcript.whenIssued(issued - 1, (op) => {
          if (op.hash !== hash) this.#onMismatch(from, op, scope.transcript);
        });
      }
    }
    this.#onFinal(from);
  }

  #endedEarly(from: number, id: string, end: ScopeEnd): void {
    const known = this.#early.get(id) ?? new Map<number, ScopeEnd>();
    known.set(from, end);
    this.#early.set(id, known);
  }

  #onScopeEnd(from: number, scope: Scope, end: ScopeEnd): void {
    scope.endedAt.set(from, end);
    this.#compareWithEnd(from, scope, end);
    this.#settle(scope);
  }

  #history(transcript: Transcript): Uint8Array {
    const rows = transcript.recent.map((o) => [o.id.index, o.hash, o.text]);
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
    const transcript = this.#scopes.byId(scope)?.transcript;
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
  #onEnded(from: number, final: Final): void {
    this.#finals.set(from, final);
    this.#onFinal(from);
  }

  /** Compares with the final state of a party once all that it ended before is known. */
  #onFinal(from: number): void {
    const final = this.#finals.get(from);
    if (!final || !this.#allEndsSeen(from, final)) return;
    for (const scope of this.#scopes.open()) this.#compareWithFinal(from, scope, final);
  }

  #allEndsSeen(from: number, { ended }: Final): boolean {
    return (this.#endsSeen.get(from) ?? 0) >= ended;
  }

  #compareWithFinal(from: number, scope: Scope, { rows }: Final): void {
    if (scope.endedAt.has(from)) return;
    const row = rows.find(([name]) => name === scope.name);
    this.#compareWithEnd(from, scope, { issued: row?.[1] ?? 0, hash: row?.[2] ?? '' });
  }

  #compareWithEnd(from: number, { transcript, ended }: Scope, { issued, hash }: ScopeEnd): void {
    const differs = (op: IssuedOp) => this.#onMismatch(from, op, transcript);
    if (issued > 0)
      transcript.whenIssued(issued - 1, (op) => {
        if (op.hash !== hash) differs(op);
      });
    const beyond =
      transcript.issued > issued ? (transcript.find(issued) ?? transcript.recent.at(-1)) : undefined;
    if (beyond) differs(beyond);
    else if (ended && transcript.issued < issued)
      differs({ id: { index: transcript.issued, scope: transcript.scope }, text: '', hash: '' });
    else transcript.whenIssued(issued, differs);
  }

  /** A value came from `from` with another hash of operation `id`: ends the computation; never resolves. */
  async differ(from: number, id: OpId): Promise<never> {
    const transcript = this.#scopes.byId(id.scope)?.transcript;
    const op = transcript?.find(id.index) ?? transcript?.recent.at(-1);
    if (transcript && op) this.#onMismatch(from, op, transcript);
    else this.#fail(new ProgramMismatchError(id.index, 'one of an ended scope', 'a different one', from));
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
    const rows: FinalRow[] = [];
    for (const { name, ended, end } of this.#scopes.open())
      if (!ended) rows.push([name, end.issued, end.hash]);
    rows.sort((a, b) => (a[0] < b[0] ? -1 : 1));
    const { count, sum } = this.#scopes.past;
    const mine = JSON.stringify({ rows, ended: count, sum } satisfies Final);
    for (const peer of this.#peers()) {
      const mark = this.entryFor(peer);
      this.#comm.sendBatch(peer, [
        ...(mark ? [mark] : []),
        { key: ENDED, payload: textBytes(mine) },
        { key: FINISHED, payload: textBytes(mine) },
      ]);
    }
    for (const peer of this.#peers()) {
      const payload = await this.#comm.receive(peer, FINISHED);
      if (textFrom(peer, payload) === mine) continue;
      this.#onEnded(peer, readFinal(peer, payload));
      // Both programs are over: what no operation tells apart are scopes that one of them ended, or their number.
      const differing = [...this.#scopes.open()].find(({ ended, endedAt }) => ended !== endedAt.has(peer));
      const [here, there] = differing?.ended ? ['ended', 'did not end'] : ['did not end', 'ended'];
      const what = differing ? `scope '${differing.name}'` : 'a scope';
      const at = differing?.end.issued ?? 0;
      const error = new ProgramMismatchError(at, `${what}: ${here}`, there, peer);
      setTimeout(() => this.#differing ?? this.#fail(error), HISTORY_WAIT_MS).unref?.();
      // A scope that only the peer has is found by the peer.
      await this.#failed(peer);
    }
  }
}

/** A descriptor for people: kind and the shapes or sizes in it. */
function readable(text: string): string {
  if (text === '') return 'nothing (the scope ended)';
  try {
    const { kind, ...rest } = JSON.parse(text) as Record<string, unknown>;
    return `'${kind}' ${JSON.stringify(rest)}`;
  } catch {
    return 'unreadable';
  }
}
