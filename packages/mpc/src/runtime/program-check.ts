/** Compares the parties' transcripts: a few bytes in each frame, and the operations by name once they differ. */
import type { Communicator, Entry } from '@tacit/comm';
import { ProtocolViolationError } from '@tacit/comm';
import { ProgramMismatchError } from './errors.js';
import type { OpId } from './prg.js';
import { bytesText, textBytes } from './text.js';
import { type IssuedOp, scopeHash, Transcript } from './transcript.js';

const MARK = '#p';
const HISTORY = '#h';
const FINISHED = '#f';
/** How long to wait for the other side's list of operations before giving up on naming its operation. */
const HISTORY_WAIT_MS = 3000;

type HistoryRow = [index: number, hash: string, text: string];

export class ProgramCheck {
  readonly #comm: Communicator;
  readonly #parties: number;
  readonly #fail: (error: Error) => void;
  readonly #scopes = new Map<number, { name: string; transcript: Transcript }>();
  /** Operations of which a peer has been told, by peer and scope. */
  readonly #told = new Map<string, number>();
  #mismatch = false;

  constructor(comm: Communicator, parties: number, fail: (error: Error) => void) {
    this.#comm = comm;
    this.#parties = parties;
    this.#fail = fail;
    comm.onKey('any', MARK, (payload, _key, from) => this.#onMark(from, payload));
    comm.onKey('any', HISTORY, (payload, _key, from) => this.#onHistory(from, payload));
  }

  add(transcript: Transcript, name = ''): void {
    this.#scopes.set(transcript.scope, { name, transcript });
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
    for (const line of bytesText(payload).split('\n')) {
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
    if (this.#mismatch) return;
    this.#mismatch = true;
    this.#comm.send(from, HISTORY, this.#history(transcript));
    setTimeout(() => {
      this.#fail(new ProgramMismatchError(op.id.index, readable(op.text), 'a different one', from));
    }, HISTORY_WAIT_MS).unref?.();
  }

  #onHistory(from: number, payload: Uint8Array): void {
    let theirs: { scope: number; rows: HistoryRow[] };
    try {
      theirs = JSON.parse(bytesText(payload));
      if (!Array.isArray(theirs.rows)) throw new Error('no rows');
    } catch {
      throw new ProtocolViolationError(`party ${from} sent an unreadable list of operations`, from);
    }
    const transcript = this.#scopes.get(theirs.scope)?.transcript;
    const mine = new Map(transcript?.recent.map((o) => [o.id.index, o]));
    if (!this.#mismatch && transcript) {
      this.#mismatch = true;
      this.#comm.send(from, HISTORY, this.#history(transcript));
    }
    const different = theirs.rows.find(([index, hash]) => mine.has(index) && mine.get(index)?.hash !== hash);
    const beyond = theirs.rows.find(([index]) => !mine.has(index));
    const [index, , text] = different ?? beyond ?? [transcript?.issued ?? 0, '', '{"kind":"nothing"}'];
    const here = mine.get(index)?.text;
    // Let the answer leave before everything closes.
    setTimeout(
      () =>
        this.#fail(
          new ProgramMismatchError(
            index,
            here ? readable(here) : 'nothing (the program ended)',
            readable(text),
            from,
          ),
        ),
      20,
    );
  }

  /** A value came from `from` with another hash of operation `id`: ends the computation; never resolves. */
  async differ(from: number, id: OpId): Promise<never> {
    const transcript = this.#scopes.get(id.scope)?.transcript;
    const op = transcript?.find(id.index) ?? transcript?.recent.at(-1);
    if (transcript && op) this.#onMismatch(from, op, transcript);
    return this.#failed(from);
  }

  /** Waits for the fail() that #onMismatch and the peer's answer end in. */
  async #failed(peer: number): Promise<never> {
    await this.#comm.receive(peer, '#never');
    throw new ProtocolViolationError(`party ${peer} sent what no party sends`, peer);
  }

  /** Ends the program: all parties compare their final transcripts. */
  async finish(): Promise<void> {
    const state = [...this.#scopes.values()].map(({ name, transcript }) => [
      name,
      transcript.issued,
      transcript.recent.at(-1)?.hash ?? '',
    ]);
    state.sort((a, b) => (a[0] < b[0] ? -1 : 1));
    const mine = JSON.stringify(state);
    for (let peer = 0; peer < this.#parties; peer++)
      if (peer !== this.#comm.rank) this.#comm.send(peer, FINISHED, textBytes(mine));
    for (let peer = 0; peer < this.#parties; peer++) {
      if (peer === this.#comm.rank) continue;
      const theirs = bytesText(await this.#comm.receive(peer, FINISHED));
      if (theirs === mine) continue;
      for (const { transcript } of this.#scopes.values()) {
        const last = transcript.recent.at(-1);
        if (last) this.#onMismatch(peer, last, transcript);
      }
      await this.#failed(peer);
    }
  }
}

/** A descriptor for people: kind and the shapes or sizes in it. */
function readable(text: string): string {
  try {
    const { kind, ...rest } = JSON.parse(text) as Record<string, unknown>;
    return `'${kind}' ${JSON.stringify(rest)}`;
  } catch {
    return 'unreadable';
  }
}
