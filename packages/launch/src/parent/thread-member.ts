/** A member as a worker thread. Options of the process (--import of a loader, ...) hold in the thread, too. */
import { type Transferable, Worker } from 'node:worker_threads';
import type { FromMember } from '../messages.js';
import { type EntryPoint, entryUrl, type MemberHandle, type MemberHandlers } from './member-handle.js';

export function startThread(entry: EntryPoint, name: string, handlers: MemberHandlers): MemberHandle {
  const worker = new Worker(entryUrl(entry), { name });
  const { threadId } = worker;
  worker.on('message', (message: FromMember) => handlers.onMessage(message));
  worker.on('messageerror', (error) => handlers.onError(error));
  worker.on('error', (error) => handlers.onError(error instanceof Error ? error : new Error(String(error))));
  worker.once('exit', (code) => handlers.onExit({ code, signal: null }));
  return {
    pid: process.pid,
    threadId,
    // Ports of the global MessageChannel are Node's own; only the declared types differ.
    post: (message, transfer = []) => worker.postMessage(message, transfer as unknown as Transferable[]),
    kill: () => {
      worker.terminate();
    },
  };
}
