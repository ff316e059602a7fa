/**
 * Starts parties and dealer, waits for their results, and leaves nothing behind: whatever happens, this resolves or
 * rejects only after every thread and process that it started has ended.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { createThreadGroup, endpointPorts } from '@tacit/comm';
import { compileKernels } from '@tacit/ring';
import { LaunchAbortedError, memberName, PartyNotReachedError } from '../errors.js';
import { warnOfFirstPartyDealing } from '../first-party.js';
import type { FromMember, Link, Outcome, Program, StartMessage } from '../messages.js';
import type { CheckedOptions } from '../options.js';
import type { MemberExit, MemberHandle } from './member-handle.js';
import { startThread } from './thread-member.js';
import { type Failure, isRootCause, verdict } from './verdict.js';

/** How long members may take to end on their own once one has failed, or once all are done. */
const GRACE_MS = 1_000;
/** As long, where all reports so far blame somebody else: the member that knows may be about to speak. */
const UNCLEAR_GRACE_MS = 1_500;

interface Slot {
  readonly rank: number;
  readonly name: string;
  handle: MemberHandle | undefined;
  state: 'starting' | 'running' | 'reported' | 'ended';
  address: string | undefined;
  result: unknown;
}

export class Launch {
  readonly #options: CheckedOptions;
  readonly #program: Program;
  readonly #slots: readonly Slot[];
  readonly #failures: Failure[] = [];
  readonly #settled: Promise<void>;
  #settle: () => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: CheckedOptions, program: Program) {
    this.#options = options;
    this.#program = program;
    this.#slots = Array.from({ length: options.members }, (_, rank) => ({
      rank,
      name: memberName(rank, options.parties),
      handle: undefined,
      state: 'starting',
      address: undefined,
      result: undefined,
    }));
    this.#settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Results of the parties by rank, as they left them. Called once. */
  async run(): Promise<unknown[]> {
    const { signal, timeoutMs, dealer } = this.#options;
    if (signal?.aborted) throw new LaunchAbortedError(signal.reason);
    if (dealer === 'first-party') warnOfFirstPartyDealing();
    const onAbort = (): void => this.#cancel(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    const killAll = (): void => this.#killAll();
    process.once('exit', killAll);
    this.#timer = setTimeout(() => this.#notReached(), timeoutMs);
    try {
      await this.#startAll();
      await this.#settled;
    } finally {
      clearTimeout(this.#timer);
      process.off('exit', killAll);
      signal?.removeEventListener('abort', onAbort);
    }
    if (this.#failures.length > 0) throw verdict(this.#failures);
    return this.#parties().map((slot) => slot.result);
  }

  /** Tells the parties how another call of their module ended. */
  learn(key: string, outcome: Outcome): void {
    for (const slot of this.#parties()) slot.handle?.post({ type: 'outcome', key, outcome });
  }

  #parties(): readonly Slot[] {
    return this.#slots.slice(0, this.#options.parties);
  }

  async #startAll(): Promise<void> {
    const { transport } = this.#options;
    // Processes are started through a module that threads need not load.
    const startProcess = transport === 'ws' ? (await import('./process-member.js')).startProcess : undefined;
    for (const slot of this.#slots) {
      const entry = slot.rank < this.#options.parties ? 'party' : 'dealer';
      const handlers = {
        onMessage: (message: FromMember) => this.#onMessage(slot, message),
        onError: (error: Error) => this.#fail(slot, { kind: 'launch', error }),
        onExit: (exit: MemberExit) => this.#onExit(slot, exit),
      };
      slot.handle = startProcess
        ? startProcess(entry, handlers)
        : startThread(entry, `tacit ${slot.name}`, handlers);
      const { pid, threadId } = slot.handle;
      this.#options.onEvent({ type: 'started', rank: slot.rank, pid, threadId });
    }
    try {
      // While the threads load their modules.
      const links =
        transport === 'threads' ? await threadLinks(this.#slots.length) : webSocketLinks(this.#slots.length);
      for (const slot of this.#slots) {
        const link = links[slot.rank];
        slot.handle?.post(
          this.#startMessage(slot, link),
          link.kind === 'threads' ? endpointPorts(link.endpoint) : [],
        );
      }
    } catch (error) {
      this.#fail(this.#slots[0], {
        kind: 'launch',
        error: error instanceof Error ? error : new Error(String(error)),
      });
    }
  }

  #startMessage(slot: Slot, link: Link): StartMessage {
    const { parties, dealer, tapes, config, twin, timeoutMs } = this.#options;
    const isParty = slot.rank < parties;
    return {
      type: 'start',
      rank: slot.rank,
      parties,
      dealer,
      tapes: tapes?.[slot.rank],
      config,
      twin,
      timeoutMs,
      link,
      program: isParty ? this.#program : undefined,
      argv: process.argv,
    };
  }

  #onMessage(slot: Slot, message: FromMember): void {
    const { onEvent, parties } = this.#options;
    switch (message.type) {
      case 'reached':
        slot.state = 'running';
        slot.address = message.address;
        if (slot.rank < parties) onEvent({ type: 'reached', rank: slot.rank });
        this.#checkReached();
        break;
      case 'notice':
        onEvent({ type: 'notice', rank: slot.rank, data: message.data });
        break;
      case 'result':
        slot.state = 'reported';
        slot.result = message.value;
        onEvent({ type: 'finished', rank: slot.rank, peakRssBytes: message.peakRssBytes });
        if (this.#parties().every((party) => party.state === 'reported' || party.state === 'ended'))
          this.#finish();
        break;
      case 'failed':
        slot.state = 'reported';
        this.#fail(slot, { kind: 'error', error: message.error });
        break;
    }
  }

  #onExit(slot: Slot, { code, signal }: MemberExit): void {
    const before = slot.state;
    slot.state = 'ended';
    if (before === 'starting' && slot.rank < this.#options.parties && signal === null && !this.#stopping)
      this.#fail(slot, { kind: 'launch', error: this.#neverReached(slot, exitDetail(code)) });
    else if (before !== 'reported') this.#fail(slot, { kind: 'exit', code, signal });
    if (this.#slots.every((s) => s.state === 'ended' || s.handle === undefined)) this.#settle();
  }

  /** All members are at their start: they may connect. */
  #checkReached(): void {
    if (this.#slots.some((slot) => slot.state === 'starting')) return;
    clearTimeout(this.#timer);
    const addresses = this.#slots.map((slot) => slot.address);
    if (!addresses.every((address) => address !== undefined)) return;
    for (const slot of this.#slots) slot.handle?.post({ type: 'addresses', addresses });
  }

  /** All parties have results; members end on their own, but not later than the grace period. */
  #finish(): void {
    if (this.#stopping) return;
    for (const slot of this.#slots) if (slot.state !== 'ended') slot.handle?.post({ type: 'finish' });
    this.#killAfter(GRACE_MS);
  }

  #fail(slot: Slot, reason: Failure['reason']): void {
    // What members do once they have been told to stop says nothing new.
    if (this.#stopping && reason.kind !== 'error') return;
    const failure: Failure = { rank: slot.rank, name: slot.name, reason };
    this.#failures.push(failure);
    if (this.#stopping) return;
    if (isRootCause(failure)) this.#stop();
    else this.#killAfter(UNCLEAR_GRACE_MS);
  }

  /** Asks all members to end, and ends those that don't. */
  #stop(): void {
    this.#stopping = true;
    for (const slot of this.#slots) if (slot.state !== 'ended') slot.handle?.post({ type: 'abort' });
    this.#killAfter(GRACE_MS);
  }

  #cancel(reason: unknown): void {
    const [slot] = this.#slots;
    this.#fail(slot, { kind: 'launch', error: new LaunchAbortedError(reason) });
  }

  #killAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#killAll(), ms);
  }

  #killAll(): void {
    this.#stopping = true;
    for (const slot of this.#slots) if (slot.state !== 'ended') slot.handle?.kill();
  }

  #notReached(): void {
    const slot = this.#slots.find(({ state }) => state === 'starting') ?? this.#slots[0];
    const error = this.#neverReached(slot, `it was still not there after ${this.#options.timeoutMs} ms`);
    this.#fail(slot, { kind: 'launch', error });
  }

  #neverReached(slot: Slot, detail: string): Error {
    const { moduleUrl } = this.#program;
    const call = this.#program.kind === 'call' ? this.#program.call : 0;
    return new PartyNotReachedError(slot.rank, slot.name, moduleUrl, call, detail);
  }
}

function exitDetail(code: number | null): string {
  if (code === 0) return 'it ended without the call';
  if (code === 13) return 'it waits at its top level for something that never happens';
  return `it exited with code ${code}`;
}

async function threadLinks(members: number): Promise<Link[]> {
  const kernels = await compileKernels();
  return createThreadGroup(members).map((endpoint) => ({ kind: 'threads', endpoint, kernels }));
}

function webSocketLinks(members: number): Link[] {
  const sessionId = randomUUID();
  const ranks = Array.from({ length: members }, (_, rank) => rank);
  const ofLower = ranks.map((rank) => ranks.slice(0, rank).map(() => new Uint8Array(randomBytes(32))));
  return ranks.map((rank) => ({
    kind: 'ws',
    tokens: ranks.map((peer) => ofLower[Math.max(rank, peer)][Math.min(rank, peer)] ?? new Uint8Array(0)),
    sessionId,
  }));
}
