// The same scores by onnxruntime in the clear: what the private ones should be. `node clear.mjs`
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { FULL_SCALE, levels, MODELS, WINDOW } from './models.mjs';
import { RECORDINGS, recording, SAMPLES } from './sound.mjs';

ort.env.wasm.numThreads = 1;
const load = async (model) => {
  const session = await ort.InferenceSession.create(readFileSync(model));
  return async (data, shape) => {
    const input = new ort.Tensor('float32', Float32Array.from(data), shape);
    return (await session.run({ [session.inputNames[0]]: input }))[session.outputNames[0]].data;
  };
};
const spectrogram = await load(MODELS.spectrogram);
const speech = await load(MODELS.speech);
const word = await load(MODELS.word);
const { frames, bands, step, count } = WINDOW;
for (const file of RECORDINGS) {
  const sound = recording(file).map((v) => v * FULL_SCALE);
  const decibels = await spectrogram(sound, [1, SAMPLES]);
  const image = decibels.map((v) => v / levels.divisor + levels.offset);
  const windows = Array.from({ length: count }, (_, i) =>
    Array.from(image.subarray(i * step * bands, (i * step + frames) * bands)),
  ).flat();
  const [score] = await word(await speech(windows, [count, frames, bands, 1]), [1, count, 96]);
  console.log(`${file.padEnd(12)} ${score.toFixed(3)}`);
}
