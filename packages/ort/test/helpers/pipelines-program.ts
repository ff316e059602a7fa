/**
 * A program for transformers.js, as somebody would write it who knows nothing of private models. It runs in Node.js and in
 * pages, on folders with models or with stubs, and says what it found.
 */

/**
 * The program.
 * @param models path or address of the folders of models
 * @param report how it says what it found, as an expression that is a function
 * @param settings statements that come first
 */
export const program = (models: string, report: string, settings = ''): string => `
import { env, interpolate_4d, matmul, pipeline, RawImage, rfft, slice, Tensor, topk } from '@huggingface/transformers';

Object.assign(env, { localModelPath: ${JSON.stringify(models)}, allowLocalModels: true, allowRemoteModels: false });
${settings}

const image = (colour, side) => new RawImage(
  Uint8ClampedArray.from({ length: side * side * 3 }, (_, i) => colour[i % 3] + ((i * 37) % 31)), side, side, 3);
const see = await pipeline('image-classification', 'colours');
const images = [];
for (const [colour, side] of [[[200, 20, 10], 16], [[10, 220, 10], 16], [[30, 40, 190], 24], [[5, 5, 5], 16]])
  images.push(await see(image(colour, side)));

const read = await pipeline('text-classification', 'moods');
const texts = await read(['the film was very good', 'a bad film', 'not good']);
texts.push(await read('the film was bad', { top_k: 2 }));

// What the library computes beside models.
const x = new Tensor('float32', Float32Array.from({ length: 48 }, (_, i) => Math.sin(i)), [1, 3, 4, 4]);
const square = new Tensor('float32', Float32Array.from({ length: 16 }, (_, i) => Math.cos(i)), [4, 4]);
const beside = [];
for (const mode of ['nearest', 'bilinear', 'bicubic']) beside.push(await interpolate_4d(x, { size: [7, 3], mode }));
beside.push(await matmul(square, square));
beside.push(await rfft(new Tensor('float32', Float32Array.from({ length: 20 }, (_, i) => i % 7), [2, 10]), new Tensor('int64', [1n], [1])));
beside.push(await slice(square, [1, 0], [3, 4], [0, 1]));
beside.push(...(await topk(square, 2)));

await see.dispose();
await read.dispose();
await (${report})(JSON.stringify({ images, texts, beside: beside.map(({ dims, data }) => [dims, Array.from(data, Number)]) }));
`;

/** What it says. */
export interface Report {
  readonly images: readonly (readonly Scored[])[];
  readonly texts: readonly (Scored | readonly Scored[])[];
  /** Sizes and elements. */
  readonly beside: readonly (readonly [readonly number[], readonly number[]])[];
}

interface Scored {
  readonly label: string;
  readonly score: number;
}
