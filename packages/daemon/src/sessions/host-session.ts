/**
 * The main thread's part in a session: it keeps the connections of the thread that computes, and says how it ended.
 * Whatever happens to the thread, the connections end, and the other members learn at once.
 */
import { MessageChannel } from 'node:worker_threads';
import type { Channel } from '@tacit/comm/layers';
import { decodeError, encodeError } from '@tacit/launch/session';
import { SessionCrashedError } from '../session-errors.js';
import { type BridgeHead, bridge, type Traffic } from './bridge.js';
import type { FromWorker, SessionPlan, SessionStart, ToWorker } from './session-plan.js';
import type { SessionThread, ThreadEnd } from './session-thread.js';

export interface HostOptions {
  readonly plan: SessionPlan;
  /** The links to all other members, by rank; taken over. */
  readonly channels: ReadonlyMap<number, Channel>;
  /** Ends the session: the other members get `code` and `message` of its reason, an error. */
  readonly signal?: AbortSignal;
  /** Gets what the party passes to `party.notify`. */
  readonly onNotice?: (data: unknown) => void;
  /** Hears now and then what has passed so far: at least whenever another few MiB have. */
  readonly onTraffic?: (traffic: Traffic) => void;
  /** Computes; it is used up. */
  readonly thread: SessionThread;
  /** Gets what sends something to the program, as `context.onTold` hears it. */
  readonly tell?: ((send: (data: unknown) => void) => void) | undefined;
  /** Gets what the program prints; without it that goes where this process prints. */
  readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void;
}

/** How a session ended at this member. */
export interface SessionReport {
  /** What it failed with; undefined where it did not. */
  readonly error: (Error & { readonly code?: string }) | undefined;
  /** What the program returned, as `decodeResult` takes it. */
  readonly value: unknown;
  /** Of a dealer: how many operations it dealt for. */
  readonly operations: number | undefined;
  /** Id of the tape that it used, if it used one. */
  readonly tape?: string | undefined;
  readonly traffic: Traffic;
}

/** How long a thread that was told to end may take; a program may compute without a pause. */
const FAREWELL_MS = 3000;
/** How long links may take to say goodbye after that. */
const CLOSING_MS = 5000;
/** How much passes between two reports. */
const REPORT_BYTES = 4 * 2 ** 20;
/** The close code of a link whose computation died. */
const CRASHED = { code: 4500, reason: 'its computation died' };

/**
 * Computes in a thread of its own until the session ends.
 * @param options the plan and the links
 * @returns how it ended; never rejects
 */
export async function hostSession(options: HostOptions): Promise<SessionReport> {
  const { plan, channels, signal, onNotice, onOutput, onTraffic } = options;
  const ports = new Map([...channels.keys()].map((rank) => [rank, new MessageChannel()]));
  const heads: BridgeHead[] = [];
  const passed = (): Traffic => ({
    bytesSent: sum(heads.map(({ traffic }) => traffic.bytesSent)),
    bytesReceived: sum(heads.map(({ traffic }) => traffic.bytesReceived)),
  });
  // Before the bridges: a member that is faster than this one has sent something already, which passes while they are made.
  const report = reporter(passed, onTraffic);
  for (const [rank, channel] of channels) {
    const { port1 } = ports.get(rank) as MessageChannel;
    heads.push(bridge(channel, port1, CRASHED, report));
  }
  const far = new Map([...ports].map(([rank, { port2 }]) => [rank, port2]));
  const { worker, captured, ended } = options.thread;
  const start: SessionStart = { ...plan, ports: far };
  worker.postMessage({ type: 'start', start } satisfies ToWorker, [...far.values()]);
  options.tell?.((data) => worker.postMessage({ type: 'tell', data } satisfies ToWorker));
  for (const stream of ['stdout', 'stderr'] as const)
    if (captured) worker[stream].setEncoding('utf8').on('data', (text: string) => onOutput?.(text, stream));

  let last: FromWorker | undefined;
  let tape: string | undefined;
  let farewell: ReturnType<typeof setTimeout> | undefined;
  let ready = false;
  let cancelled = false;
  const beginFarewell = (): void => {
    if (ready && cancelled) farewell ??= setTimeout(() => void worker.terminate(), FAREWELL_MS);
  };
  const cancel = (): void => {
    const { code, message } = encodeError(signal?.reason);
    worker.postMessage({ type: 'abort', code: code ?? 'SESSION_CANCELLED', message } satisfies ToWorker);
    cancelled = true;
    beginFarewell();
  };
  worker.on('message', (message: FromWorker) => {
    if (message.type === 'notice') onNotice?.(message.data);
    else if (message.type === 'tape') tape = message.id;
    else if (message.type === 'ready') {
      ready = true;
      beginFarewell();
    } else last = message;
  });
  if (signal?.aborted) cancel();
  else signal?.addEventListener('abort', cancel);
  const end = await ended;
  clearTimeout(farewell);
  signal?.removeEventListener('abort', cancel);
  for (const head of heads) head.abandon();
  await allEnded(heads, channels);
  return {
    error: errorOf(last, end, signal),
    value: last?.type === 'result' ? last.value : undefined,
    operations: last?.type === 'result' ? last.operations : undefined,
    tape,
    traffic: passed(),
  };
}

function errorOf(
  last: FromWorker | undefined,
  { error, exitCode }: ThreadEnd,
  signal: AbortSignal | undefined,
): SessionReport['error'] {
  if (last?.type === 'result') return undefined;
  if (last?.type === 'failed') return decodeError(last.error);
  if (signal?.aborted) return signal.reason as Error;
  return new SessionCrashedError(error ?? `its thread exited with code ${exitCode}`);
}

/** What is called for every message, and reports only when enough has passed. */
function reporter(passed: () => Traffic, onTraffic: HostOptions['onTraffic']): () => void {
  if (onTraffic === undefined) return () => {};
  let reported = 0;
  return () => {
    const traffic = passed();
    const total = traffic.bytesSent + traffic.bytesReceived;
    if (total - reported < REPORT_BYTES) return;
    reported = total;
    onTraffic(traffic);
  };
}

/** Waits for the links to end, which the thread or its death has begun; not for ever, for a network may be gone. */
async function allEnded(heads: readonly BridgeHead[], channels: ReadonlyMap<number, Channel>): Promise<void> {
  const timer = setTimeout(() => {
    for (const channel of channels.values()) channel.destroy();
  }, CLOSING_MS);
  await Promise.all(heads.map(({ ended }) => ended));
  clearTimeout(timer);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
