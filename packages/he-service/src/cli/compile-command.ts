/** `tacit he compile`: an ONNX file becomes a server's and a client's half. */
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { number, numbers } from '@tacit/cli-kit';
import { npyNumbers, parseNpy, readWhole, writeAtomically } from '@tacit/files';
import { CLIENT_ARTEFACT, type CompileReport, SERVER_ARTEFACT } from '@tacit/he';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { renderCompileReport } from './render-report.js';

interface Options {
  readonly out: string;
  readonly precision: number;
  readonly mode: 'latency' | 'throughput';
  readonly security: '128' | '192' | '256';
  readonly inputRange: readonly number[];
  readonly inputShape?: readonly number[];
  readonly samples?: string;
  readonly sampleScale: number;
  readonly approximate?: number;
  readonly layerRanges?: boolean;
  readonly name?: string;
  readonly json?: boolean;
}

export function addCompile(he: Command): void {
  he.command('compile')
    .description(
      'plan a network for computation on ciphertexts; writes a server half and a client half (no weights)',
    )
    .argument('<MODEL.onnx>', 'convolutions, average pools, polynomials, batch normalisation, linear layers')
    .requiredOption('--out <DIR>', 'folder for the two files')
    .option('--precision <ERROR>', 'largest error of an output that is acceptable', number, 1e-2)
    .addOption(
      new Option('--mode <MODE>', 'latency: one image at a time; throughput: thousands at once')
        .choices(['latency', 'throughput'])
        .default('latency'),
    )
    .addOption(
      new Option('--security <BITS>', 'bits of security').choices(['128', '192', '256']).default('128'),
    )
    .option('--input-range <LOW,HIGH>', 'what inputs may hold', range, [0, 1])
    .option(
      '--input-shape <N,...>',
      'shape of one input with a batch of 1, where the file leaves sizes open',
      numbers,
    )
    .option('--samples <FILE.npy>', 'typical inputs, first axis counts them: scales are chosen by them')
    .option(
      '--sample-scale <FACTOR>',
      'multiply samples by this, e.g. 0.00392156862745098 for bytes',
      number,
      1,
    )
    .option('--approximate <DEGREE>', 'fit polynomials of degree 2 to 4 to activations that are none', number)
    .option('--layer-ranges', 'let clients ask for some of the layers, which shows them values in between')
    .option('--name <NAME>', 'name of the model (default: that of the file)')
    .option('--json', 'print the report as JSON')
    .option('--debug', 'show stacks of errors')
    .addHelpText('after', '\nExample:\n  tacit he compile model.onnx --out compiled --samples inputs.npy\n')
    .action(compile);
}

async function compile(path: string, options: Options): Promise<void> {
  const { readOnnxFile } = await import('@tacit/onnx/file');
  const onnx = await readOnnxFile(path);
  const samples =
    options.samples === undefined ? undefined : await readSamples(options.samples, options.sampleScale);
  const { compileModel } = await import('@tacit/he');
  const { packClientArtefact, packServerArtefact } = await import('@tacit/he');
  const [low = 0, high = 1] = options.inputRange;
  const { server, client, report } = await compileModel(onnx, {
    mode: options.mode,
    precision: options.precision,
    security: Number(options.security) as 128 | 192 | 256,
    inputRange: { low, high },
    inputShape: options.inputShape,
    samples,
    approximate: options.approximate,
    layerRanges: options.layerRanges,
    name: options.name ?? basename(path).replace(/\.onnx$/, ''),
  });
  mkdirSync(options.out, { recursive: true });
  const files = { server: await packServerArtefact(server), client: await packClientArtefact(client) };
  writeAtomically(join(options.out, SERVER_ARTEFACT), files.server);
  writeAtomically(join(options.out, CLIENT_ARTEFACT), files.client);
  process.stdout.write(
    options.json ? `${JSON.stringify(plain(report), null, 2)}\n` : renderCompileReport(report, files),
  );
}

const plain = ({ approximated, ...report }: CompileReport) => ({
  ...report,
  approximated: approximated && {
    ...approximated,
    polynomials: Object.fromEntries(approximated.polynomials),
  },
});

function range(text: string): number[] {
  const values = numbers(text);
  if (values.length !== 2 || (values[0] as number) >= (values[1] as number))
    throw new InvalidArgumentError('two numbers, the lower one first, e.g. 0,1');
  return values;
}

async function readSamples(path: string, scale: number): Promise<Float64Array[]> {
  const array = parseNpy(await readWhole(path));
  const values = npyNumbers(array).map((value) => value * scale);
  const count = array.shape[0] ?? 1;
  const size = values.length / Math.max(count, 1);
  return Array.from({ length: count }, (_, i) => values.slice(i * size, (i + 1) * size));
}
