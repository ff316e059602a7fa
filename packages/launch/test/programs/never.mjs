// The call is not reached when the module runs again.
import { isMainThread } from 'node:worker_threads';
import { runMultiprocess } from '@tacit/launch';

if (isMainThread) {
  try {
    await runMultiprocess({ worldSize: 2 }, import.meta.url, () => 1);
  } catch (error) {
    console.log(JSON.stringify({ code: error.code, message: error.message }));
  }
} else if (process.argv[2] === 'waits') await new Promise(() => {});
else if (process.argv[2] === 'throws') throw new Error('bad top level');
