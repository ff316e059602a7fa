// The same lines read by onnxruntime in the clear: what the private reading should find. `node clear.mjs`
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { characters, model, readLines } from './assets.mjs';
import { decode } from './ctc.mjs';
import { HEIGHT, normalised, picture, WIDTH } from './picture.mjs';

ort.env.wasm.numThreads = 1;
const session = await ort.InferenceSession.create(readFileSync(model));
for (const line of readLines()) {
  const x = new ort.Tensor('float32', Float32Array.from(normalised(picture(line))), [1, 3, HEIGHT, WIDTH]);
  const { dims, data } = (await session.run({ [session.inputNames[0]]: x }))[session.outputNames[0]];
  const [, steps, classes] = dims;
  const best = Array.from({ length: steps }, (_, t) => {
    const scores = data.subarray(t * classes, (t + 1) * classes);
    return scores.indexOf(Math.max(...scores));
  });
  console.log(`${line.padEnd(24)} → ${decode(best, characters).trim()}`);
}
