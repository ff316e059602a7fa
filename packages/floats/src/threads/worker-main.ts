/** Entry point of a thread: one machine, one pass after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { Pass } from '../loss/pass.js';
import type { FromThread, ThreadSetup, ToThread } from './messages.js';

const port = parentPort;
if (!port) throw new Error('worker-main runs in a thread only');
const say = (message: FromThread, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
const failed = (error: unknown) => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  say({ type: 'failed', code, message: error instanceof Error ? error.message : String(error) });
};

try {
  const pass = await Pass.open(workerData as ThreadSetup);
  port.on('message', (message: ToThread) => {
    if (message.type === 'end') {
      port.close();
      return;
    }
    try {
      const { parameters, examples, parts, stop } = message;
      pass.begin(parameters);
      for (const part of parts) {
        if (Atomics.load(stop, 0) !== 0) break;
        pass.add(examples, part);
        say({ type: 'passed', count: part.count });
      }
      const sums = pass.end();
      say(
        { type: 'done', sums },
        sums.gradients.map(({ buffer }) => buffer),
      );
    } catch (error) {
      failed(error);
    }
  });
  say({ type: 'ready' });
} catch (error) {
  failed(error);
  port.close();
}
