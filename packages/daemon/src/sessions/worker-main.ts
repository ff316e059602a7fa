/**
 * Entry point of the thread that computes in a session: the main thread has its connections, and goes on answering
 * heartbeats however long this one computes. It ends with the session.
 */
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { LinkTransport } from '@tacit/comm/layers';
import { foreignCode, TacitError } from '@tacit/errors';
import {
  dealOver,
  encodeError,
  encodeResult,
  type LaunchedParty,
  type MemberOptions,
  runPartyOver,
} from '@tacit/launch/session';
import type { RandomnessSource } from '@tacit/mpc';
import type { ConfiguredTapes } from '../config/schema.js';
import { hashProgram } from '../consent/program-hash.js';
import { ProgramChangedError, ProgramInvalidError } from '../session-errors.js';
import { BridgedChannel } from './bridge.js';
import { rehearseDealing } from './rehearsal.js';
import type { FromWorker, PlannedProgram, SessionStart, ThreadStart, ToWorker } from './session-plan.js';

const { kernels, program: expected, deals } = workerData as ThreadStart;
const canceller = new AbortController();
/** What went wrong outside of what the session awaits. */
let stray: unknown;

const post = (message: FromWorker): void => parentPort?.postMessage(message);

let begin: (start: SessionStart) => void = () => {};
const begun = new Promise<SessionStart>((resolve) => {
  begin = resolve;
});
/** What the process said before the program listens. */
const unheard: unknown[] = [];
let told: ((data: unknown) => void) | undefined;

parentPort?.on('message', (message: ToWorker) => {
  if (message.type === 'start') begin(message.start);
  else if (message.type === 'abort')
    canceller.abort(new TacitError(foreignCode(message.code), message.message));
  else if (told) told(message.data);
  else unheard.push(message.data);
});
const onTold = (listener: (data: unknown) => void): void => {
  told = listener;
  for (const data of unheard.splice(0)) listener(data);
};
process.on('uncaughtException', (error) => {
  stray ??= error;
  const { code = 'PARTY_FAILED' } = encodeError(error);
  canceller.abort(new TacitError(foreignCode(code), 'its own log has the details'));
});

/** Ends what is only done while nobody waits. */
const idle = new AbortController();
const prepared = expected && load(expected);
prepared?.catch(() => {}); // said when the session has begun
if (deals) rehearseDealing({ kernels, signal: idle.signal }).catch(() => {}); // a session says what is wrong
try {
  const start = await begun;
  idle.abort(new Error('the session begins'));
  post({ type: 'ready' });
  const { value, operations } = await run(start);
  post({ type: 'result', value, operations });
} catch (error) {
  post({ type: 'failed', error: encodeError(stray ?? error) });
}
await Promise.all([process.stdout, process.stderr].map(flushed));
process.exit(0);

async function run(
  start: SessionStart,
): Promise<{ readonly value: unknown; readonly operations: number | undefined }> {
  const { rank, parties, names, config, timeoutMs, ports, program } = start;
  const channels = new Map([...ports].map(([peer, port]) => [peer, new BridgedChannel(port)]));
  const transport = new LinkTransport({
    rank,
    size: names.length,
    channels,
    maxFrameBytes: start.maxFrameBytes,
  });
  const { signal } = canceller;
  const options: MemberOptions = { parties, dealer: 'separate', config, timeoutMs, names, kernels, signal };
  if (program === undefined) {
    const { operations } = await dealOver(transport, options);
    return { value: undefined, operations };
  }
  const randomness = start.tapes && (await randomnessOf(start.tapes));
  const loading = prepared && isSame(program, expected) ? prepared : load(program);
  loading.catch(() => {}); // awaited as a party, so that the others hear of it
  const onNotice = (data: unknown): void => post({ type: 'notice', data });
  // Programs return their context as it is; a function could not leave the thread.
  const context = Object.defineProperty({ ...program.context }, 'onTold', {
    value: onTold,
    enumerable: false,
  });
  const value = await runPartyOver(transport, { ...options, randomness, onNotice }, async (party) =>
    (await loading)(party, [...program.arguments], context),
  );
  return { value: encodeResult(value), operations: undefined };
}

/** Loaded only where it is used. */
async function randomnessOf({ key, ...tapes }: ConfiguredTapes): Promise<RandomnessSource> {
  const { readTapeKey, tapes: source } = await import('@tacit/tapes');
  return source({ ...tapes, keys: await readTapeKey(key), onTape: (_, id) => post({ type: 'tape', id }) });
}

/** The function of a program, whose file is the one that was agreed on. */
async function load({ path, hash, arguments: args }: PlannedProgram): Promise<Program> {
  if ((await hashProgram(path)).hash !== hash) throw new ProgramChangedError(path);
  const module: { readonly default?: unknown; readonly warmUp?: unknown } = await import(
    pathToFileURL(path).href
  );
  if (typeof module.default !== 'function') throw new ProgramInvalidError(path);
  if (typeof module.warmUp === 'function') await module.warmUp([...args], { kernels, signal: idle.signal });
  return module.default as Program;
}

/** A declaration, since what runs above is before this line. */
function isSame(one: PlannedProgram, other: PlannedProgram | undefined): boolean {
  return (
    one.path === other?.path &&
    one.hash === other.hash &&
    JSON.stringify(one.arguments) === JSON.stringify(other.arguments)
  );
}

type Program = (party: LaunchedParty, args: readonly string[], context: unknown) => unknown;

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => void stream.write('', () => resolve()));
}
