/** Programs in processes of their own, as users run them. */
import { execFile } from 'node:child_process';

export interface Finished {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the start. */
  readonly ms: number;
}

export interface RunOptions {
  readonly cwd?: string;
  /** All of its environment. Default that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** After this time it is killed. Default never. */
  readonly limitMs?: number;
  /** Called with each piece of stderr. */
  readonly onStderr?: (text: string, pid: number) => void;
}

/**
 * Runs a command to its end, whatever that is. Its stdin is empty; stdout and stderr are pipes, not a terminal.
 * @param command the program
 * @param args its arguments
 * @param options where it runs, and for how long
 * @returns what it printed, and how it ended; rejects if it cannot be started
 */
export function run(
  command: string,
  args: readonly string[],
  { cwd, env, limitMs, onStderr }: RunOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const how = {
      cwd,
      env,
      timeout: limitMs,
      killSignal: 'SIGKILL',
      maxBuffer: Number.POSITIVE_INFINITY,
    } as const;
    const child = execFile(command, args, how, (error, stdout, stderr) => {
      const { pid, exitCode: code, signalCode: signal } = child;
      if (pid === undefined) reject(error);
      else resolve({ code, signal, stdout, stderr, ms: performance.now() - began });
    });
    child.stdin?.end();
    child.stderr?.on('data', (text: string) => onStderr?.(text, child.pid ?? -1));
  });
}
