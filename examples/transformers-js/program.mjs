// A program for transformers.js that knows nothing of private models: node program.mjs FOLDER
import { env, pipeline, RawImage } from '@huggingface/transformers';

Object.assign(env, { localModelPath: process.argv[2], allowRemoteModels: false });

/** A picture of one colour, with some grain. */
const picture = (colour) => {
  const side = 40;
  const pixels = Uint8ClampedArray.from(
    { length: 3 * side * side },
    (_, i) => colour[i % 3] + ((i * 37) % 31),
  );
  return new RawImage(pixels, side, side, 3);
};

const classify = await pipeline('image-classification', 'colours');
for (const colour of [
  [200, 20, 10],
  [10, 210, 20],
  [30, 40, 190],
  [15, 5, 10],
]) {
  const [best] = await classify(picture(colour));
  console.log(`  ${String(colour).padEnd(10)}  ${best.label.padEnd(5)}  ${best.score.toFixed(2)}`);
}
await classify.dispose();
