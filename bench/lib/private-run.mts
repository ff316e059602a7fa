/** One model beside ONNX Runtime: made, run there, run in private by `tacit predict`, and compared. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-web';
import { encodeNpy, parseNpy } from '../../packages/files/src/index.js';
import type { PredictReport } from '../../packages/launch/src/predict/report.js';

/** A model and what it is given. */
export interface PrivateRun {
  readonly name: string;
  /** Makes the file. */
  readonly model: () => Uint8Array;
  readonly input: string;
  readonly shape: number[];
  readonly values: Float32Array | BigInt64Array;
}

/** The command line that all scripts of models share. */
export function readCommandLine() {
  return parseArgs({
    allowPositionals: true,
    options: {
      keep: { type: 'string' },
      repeat: { type: 'string', default: '1' },
      mode: { type: 'string', default: 'owned' },
      transport: { type: 'string', default: 'threads' },
    },
  });
}

/**
 * Runs a model in ONNX Runtime and in private, and prints what that takes.
 * @param run the model and its input
 * @param options file to keep the model in, inferences, protection of the weights, threads or processes
 * @returns whether the private run succeeded
 */
export async function compare(
  { name, model, input, shape, values }: PrivateRun,
  options: ReturnType<typeof readCommandLine>['values'],
): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'tacit-model-'));
  try {
    const file = options.keep ?? join(folder, 'model.onnx');
    const wanted = await inOnnxRuntime(name, model, file, input, shape, values);
    const files = { input: join(folder, 'input.npy'), output: join(folder, 'output.npy') };
    const report = join(folder, 'report.json');
    writeFileSync(files.input, encodeNpy(shape, values));
    const cli = fileURLToPath(new URL('../../packages/tacit/bin/tacit.mjs', import.meta.url));
    const { status } = spawnSync(
      process.execPath,
      [
        ...[cli, 'predict', file, files.input, '--out', files.output, '--report', report],
        ...['--repeat', options.repeat, '--mode', options.mode, '--transport', options.transport],
        ...['--timeout', '600'],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    if (status !== 0 || !existsSync(files.output)) return false;
    const own = parseNpy(new Uint8Array(readFileSync(files.output))).data;
    let worst = 0;
    for (let i = 0; i < wanted.length; i++) worst = Math.max(worst, Math.abs(Number(own[i]) - wanted[i]));
    print(JSON.parse(readFileSync(report, 'utf8')), worst, wanted);
    return true;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes the file, and what ONNX Runtime computes with it. */
async function inOnnxRuntime(
  name: string,
  model: () => Uint8Array,
  file: string,
  input: string,
  shape: number[],
  values: PrivateRun['values'],
): Promise<Float32Array> {
  const bytes = model();
  writeFileSync(file, bytes);
  console.log(`${name}: ${(bytes.length / 2 ** 20).toFixed(0)} MiB of weights`);
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const began = performance.now();
  const tensor =
    values instanceof Float32Array
      ? new ort.Tensor('float32', values, shape)
      : new ort.Tensor('int64', values, shape);
  const { logits } = await session.run({ [input]: tensor });
  console.log(`onnxruntime, one thread of WebAssembly: ${seconds(performance.now() - began)}`);
  const data = (logits.data as Float32Array).slice();
  await session.release();
  return data;
}

function print(report: PredictReport, worst: number, wanted: Float32Array): void {
  const megabytes = (bytes: readonly number[]) => `${(bytes.reduce((a, b) => a + b, 0) / 1e6).toFixed(1)} MB`;
  const { setup, rounds, bytesSent, dealerBytes, inferences } = report;
  const largest = wanted.reduce((a, v) => Math.max(a, Math.abs(v)), 0);
  console.log(`set-up     ${seconds(report.setupMs)}, ${megabytes(setup.bytesSent)} by the parties, once`);
  console.log(
    `inference  ${seconds(Math.min(...inferences))}${inferences.length > 1 ? ` at best of ${inferences.length}` : ''}`,
  );
  console.log(`memory     ${((report.peakRssMB * 2 ** 20) / 1e9).toFixed(2)} GB resident at most`);
  console.log(`rounds     ${rounds}`);
  console.log(`sent       ${megabytes(bytesSent)} by the parties, ${megabytes(dealerBytes)} by the dealer`);
  console.log(
    `error      ${worst.toFixed(5)} at most of ${wanted.length} logits up to ${largest.toFixed(1)}`,
  );
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
