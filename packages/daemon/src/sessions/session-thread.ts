/**
 * A thread that computes in one session, and ends with it. It may be started before anybody knows of that session: then it
 * has loaded its modules, and the program with what that can prepare alone (`warmUp` of the program's module), when the
 * members are there.
 */
import { Worker } from 'node:worker_threads';
import { threadModule } from '../location.js';
import type { PlannedProgram, ThreadStart } from './session-plan.js';

export interface ThreadOptions {
  /** The compiled kernels. */
  readonly kernels: WebAssembly.Module;
  /** What it will run, if that is known: the module is loaded, and its export `warmUp` called with the arguments. */
  readonly program?: PlannedProgram | undefined;
  /** It will deal, if that is known: it rehearses. */
  readonly deals?: boolean | undefined;
  /** The most JavaScript memory, in bytes. Default that of Node.js. */
  readonly memoryBytes?: number | undefined;
  /** Whether what the program prints is read by whoever has the thread. */
  readonly captured?: boolean;
}

/** A thread without a session. */
export interface SessionThread {
  readonly worker: Worker;
  readonly captured: boolean;
  /** How it ended, whoever listens by then. */
  readonly ended: Promise<ThreadEnd>;
}

/** The end of a thread. */
export interface ThreadEnd {
  readonly exitCode: number;
  /** What it died of, if that was an error that nobody caught. */
  readonly error: unknown;
}

/**
 * Starts a thread.
 * @param options what it begins with
 * @returns the thread; end one that is not needed by `worker.terminate()`
 */
export function startThread({
  kernels,
  program,
  deals,
  memoryBytes,
  captured = false,
}: ThreadOptions): SessionThread {
  const workerData: ThreadStart = { kernels, program, deals };
  const worker = new Worker(threadModule('sessions/worker-main'), {
    name: 'session',
    workerData,
    stdout: captured,
    stderr: captured,
    ...(memoryBytes && { resourceLimits: { maxOldGenerationSizeMb: Math.ceil(memoryBytes / 2 ** 20) } }),
  });
  const ended = new Promise<ThreadEnd>((resolve) => {
    let error: unknown;
    worker.on('error', (cause) => {
      error ??= cause;
    });
    worker.once('exit', (exitCode) => resolve({ exitCode, error }));
  });
  return { worker, captured, ended };
}
