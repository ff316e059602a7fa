/**
 * A member as a child process. Everything that it needs, the session token above all, comes over the IPC channel: the
 * command line and the environment are visible to others on the machine.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { FromMember } from '../messages.js';
import { type EntryPoint, entryUrl, type MemberHandle, type MemberHandlers } from './member-handle.js';

/** Options of this process that make no sense twice: debugger ports, code from the command line, watching, testing. */
const NOT_PASSED_ON =
  /^--?(inspect|eval$|e$|print$|p$|pe$|watch|test|check$|c$|interactive$|i$|cpu-prof|heap-prof|prof)/;
const WITH_VALUE = /^--?(eval|e|print|p|pe|watch-path)$/;

/** The options of this process for a child. */
export function inheritedOptions(execArgv: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < execArgv.length; i++) {
    if (!NOT_PASSED_ON.test(execArgv[i])) kept.push(execArgv[i]);
    else if (WITH_VALUE.test(execArgv[i])) i++;
  }
  return kept;
}

export function startProcess(entry: EntryPoint, handlers: MemberHandlers): MemberHandle {
  const child = fork(fileURLToPath(entryUrl(entry)), [], {
    execArgv: inheritedOptions(process.execArgv),
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let ended = false;
  const end = (code: number | null, signal: string | null): void => {
    if (ended) return;
    ended = true;
    handlers.onExit({ code, signal });
  };
  child.on('message', (message) => handlers.onMessage(message as FromMember));
  child.on('error', (error) => {
    handlers.onError(error);
    // Without a process there will be no exit.
    if (child.pid === undefined) end(null, null);
  });
  child.once('exit', end);
  return {
    pid: child.pid ?? -1,
    threadId: undefined,
    post: (message) => {
      if (child.connected) child.send(message, () => {}); // a failure means that it ended, which `exit` reports
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}
