/**
 * A program written against ONNX Runtime, on a model in the clear and on a stub of the same model, which somebody serves.
 *
 *     npm ci && npm run build
 *     npx tsx examples/onnxruntime.ts
 *
 * Who learns what: the program learns the logits of its digits, and the architecture of the network, never a weight. The owner
 * of the network learns when it was asked and for how many digits at once, nothing of the digits or logits. Here the owner
 * deals, too, which is for trying out: it could see everything. Between organisations a third one deals
 * (`tacit serve --dealer`).
 *
 * The lines after "// →" are what it prints; … stands for what differs each time.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { registerTacit, stubOf } from '@tacit/ort';
import { startTrial } from '@tacit/service';
import { connect, type PrivateModel } from '@tacit/service/client';
import * as ort from 'onnxruntime-web';
import { npyNumbers, parseNpy } from 'tacit';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/mnist_cnn_bn/${name}`, import.meta.url));
const file = fixture('model.onnx');
const digits = Float32Array.from(
  npyNumbers(parseNpy(readFileSync(fixture('input.npy')))).subarray(0, 5 * 28 * 28),
);

// ---- The owner of the model: serves it, and publishes a stub.
const service = await startTrial({ models: [{ name: 'digits', file }] });
const invite = await service.invite({ model: 'digits' });
const stub = stubOf(readFileSync(file), { name: 'digits' });
console.log(`model ${readFileSync(file).length} bytes, stub ${stub.length} bytes`);
// → model 139713 bytes, stub 200 bytes

// ---- The program. Both calls differ in the file and in executionProviders, and in nothing else.
async function read(model: Uint8Array, options: ort.InferenceSession.SessionOptions): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(model, options);
  const [input, output] = [session.inputNames[0], session.outputNames[0]];
  const pixels = new ort.Tensor('float32', digits, [5, 1, 28, 28]);
  const outputs = await session.run({ [input]: pixels });
  await session.release();
  return outputs[output].data as Float32Array;
}

let asked: PrivateModel | undefined;
registerTacit(ort, {
  connect: async (text, options) => {
    asked = await connect(text, { ...options, trial: true });
    return asked;
  },
  invite,
});
const clear = await read(readFileSync(file), { logSeverityLevel: 3 });
const secret = await read(stub, { executionProviders: ['tacit'] });

const best = (logits: Float32Array) =>
  Array.from({ length: 5 }, (_, i) => {
    const of = [...logits.subarray(10 * i, 10 * i + 10)];
    return of.indexOf(Math.max(...of));
  }).join(' ');
console.log('in the clear', best(clear)); // → in the clear 1 6 1 7 0
console.log('in private  ', best(secret)); // → in private   1 6 1 7 0
const off = Math.max(...clear.map((value, i) => Math.abs(value - secret[i])));
console.log('logits within 0.01:', off < 0.01); // → logits within 0.01: true
console.log(`${asked?.stats.last?.rounds} rounds, ${asked?.info.learns.client[0]}`); // → 16 rounds, the outputs (output)

await service.close();
