/** A thread of a team: computes its share of affine maps. */
import { parentPort, workerData } from 'node:worker_threads';
import { HeModel, type LoadedKeys } from '@tacit/he';
import type { FromHelper, TeamSetup, ToHelper } from './team-messages.js';

const setup = workerData as TeamSetup;
const say = (message: FromHelper): void => parentPort?.postMessage(message);
const model = await HeModel.load(setup.server, setup.share);
const keys = new Map<string, LoadedKeys>();

async function answer(message: ToHelper): Promise<void> {
  if (message.type === 'drop') {
    keys.get(message.id)?.dispose();
    keys.delete(message.id);
    return;
  }
  try {
    if (message.type === 'keys') {
      keys.set(message.id, await model.loadKeys(new Uint8Array(message.envelope).slice()));
      say({ type: 'done', call: message.call, outputs: [] });
      return;
    }
    const loaded = keys.get(message.id);
    if (loaded === undefined) throw new Error('these keys were not loaded');
    say({
      type: 'done',
      call: message.call,
      outputs: model.transformShare(message.inputs, message.stage, loaded),
    });
  } catch (error) {
    say({
      type: 'failed',
      call: message.call,
      message: error instanceof Error ? error.message : String(error),
    });
  }
}

parentPort?.on('message', (message: ToHelper) => void answer(message));
say({ type: 'ready' });
