/** A program that serves one request and closes: it ends by itself if nothing stays open. */
import { digits, testService } from './helpers.js';
import { idOf, makeImage, makeKeys } from './test-envelopes.js';

const service = await testService({ workers: 2, limits: { chunkBytes: 1000 } });
const keys = makeKeys(digits);
await service.client().uploadKeys(keys, { model: 'digits' });
const image = makeImage(digits, keys, 'hello');
await service.client().infer(image, { model: 'digits', keyId: idOf(keys) });
await service
  .client()
  .infer(makeImage(digits, keys, '{"op":"throw"}'), { model: 'digits', keyId: idOf(keys) })
  .catch(() => {});
await service.stop();
process.stdout.write('closed\n');
