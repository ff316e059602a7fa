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
import type { FromWorker, PlannedProgram, ToWorker, WorkerStart } from './session-plan.js';

const start = workerData as WorkerStart;
const canceller = new AbortController();
/** What went wrong outside of what the session awaits. */
let stray: unknown;

const post = (message: FromWorker): void => parentPort?.postMessage(message);

parentPort?.on('message', ({ code, message }: ToWorker) => {
  canceller.abort(new TacitError(foreignCode(code), message));
});
process.on('uncaughtException', (error) => {
  stray ??= error;
  const { code = 'PARTY_FAILED' } = encodeError(error);
  canceller.abort(new TacitError(foreignCode(code), 'its own log has the details'));
});

post({ type: 'ready' });
try {
  const { value, operations } = await run();
  post({ type: 'result', value, operations });
} catch (error) {
  post({ type: 'failed', error: encodeError(stray ?? error) });
}
await Promise.all([process.stdout, process.stderr].map(flushed));
process.exit(0);

async function run(): Promise<{ readonly value: unknown; readonly operations: number | undefined }> {
  const { rank, parties, names, config, timeoutMs, kernels, ports, program } = start;
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
  const loading = load(program);
  loading.catch(() => {}); // awaited as a party, so that the others hear of it
  const onNotice = (data: unknown): void => post({ type: 'notice', data });
  const value = await runPartyOver(transport, { ...options, randomness, onNotice }, async (party) =>
    (await loading)(party, [...program.arguments], program.context),
  );
  return { value: encodeResult(value), operations: undefined };
}

/** Loaded only where it is used. */
async function randomnessOf({ key, ...tapes }: ConfiguredTapes): Promise<RandomnessSource> {
  const { readTapeKey, tapes: source } = await import('@tacit/tapes');
  return source({ ...tapes, keys: await readTapeKey(key), onTape: (_, id) => post({ type: 'tape', id }) });
}

/** The function of a program, whose file is the one that was agreed on. */
async function load({ path, hash }: PlannedProgram): Promise<Program> {
  if ((await hashProgram(path)).hash !== hash) throw new ProgramChangedError(path);
  const module: { readonly default?: unknown } = await import(pathToFileURL(path).href);
  if (typeof module.default !== 'function') throw new ProgramInvalidError(path);
  return module.default as Program;
}

type Program = (party: LaunchedParty, args: readonly string[], context: unknown) => unknown;

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => void stream.write('', () => resolve()));
}
