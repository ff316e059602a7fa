/** `tacit he test`: what encryption parameters do to a network, layer by layer. */

import { integer, number, numbers, Progress } from '@tacit/cli-kit';
import { npyNumbers, parseNpy, readWhole, writeAtomically } from '@tacit/files';
import { HeArgumentError } from '@tacit/he';
import { type Command, InvalidArgumentError, Option } from 'commander';

interface Options {
  readonly parameters?: string;
  readonly suggest?: boolean;
  readonly precision: number;
  readonly mode: 'latency' | 'throughput';
  readonly images: number;
  readonly inputScale: number;
  readonly inputRange?: readonly number[];
  readonly inputShape?: readonly number[];
  readonly json?: string;
  readonly worstCase?: boolean;
}

const EXAMPLES = `
Examples:
  tacit he test model.onnx images.npy --suggest
  tacit he test model.onnx images.npy --parameters sets.json --images 4 --worst-case

A parameter file has PyCrCNN's form, or ours, or both:
  { "encryption_parameters": [
      { "m": 8192, "p": 1310951915521, "sec": 128, "base": 2, "rencrypt_positions": [] },
      { "scheme": "ckks", "ringDegree": 8192, "primeBits": [27, 27, 27, 27, 27, 27, 27],
        "specialPrimeBits": 29, "scaleBits": 30, "reencryptAt": [] } ],
    "debug": "y" }
`;

/**
 * Adds `tacit he test`, the tester of parameters.
 * @param he the command `he`
 */
export function addTest(he: Command): void {
  he.command('test')
    .description(
      'run a network on ciphertexts beside its plain twin, and report errors and costs of each layer',
    )
    .argument('<MODEL.onnx>', 'a chain of convolutions, average pools, polynomials, linear layers')
    .argument('<INPUT.npy>', 'inputs, first axis counts them')
    .option('--parameters <FILE.json>', "sets of parameters, in PyCrCNN's form or ours")
    .option('--suggest', 'test the parameters that are suggested for CKKS, and print all suggestions')
    .option('--precision <ERROR>', 'largest error that suggestions aim at', number, 1e-2)
    .addOption(
      new Option('--mode <MODE>', 'for the suggestion of a compiled network')
        .choices(['latency', 'throughput'])
        .default('latency'),
    )
    .option('--images <N>', 'how many of the inputs to run', integer(1, 16384), 1)
    .option(
      '--input-scale <FACTOR>',
      'multiply inputs by this, e.g. 0.00392156862745098 for bytes',
      number,
      1,
    )
    .option('--input-range <LOW,HIGH>', 'what inputs may hold (default: that of the file, or 0,1)', lowHigh)
    .option(
      '--input-shape <N,...>',
      'shape of one input with a batch of 1, where the file leaves sizes open',
      numbers,
    )
    .option('--worst-case', 'search for inputs that are bad for these parameters, and measure them')
    .option('--json <FILE>', "write the results, in PyCrCNN's form with our fields beside")
    .option('--debug', 'show stacks of errors')
    .addHelpText('after', EXAMPLES)
    .action(test);
}

async function test(model: string, input: string, options: Options): Promise<void> {
  if ((options.parameters === undefined) === (options.suggest === undefined))
    throw new HeArgumentError('give either --parameters FILE.json or --suggest');
  const { readOnnxFile } = await import('@tacit/onnx/file');
  const onnx = await readOnnxFile(model);
  const images = await readImages(input, options);
  const tester = await import('../tester/index.js');
  const [low, high] = options.inputRange ?? [];
  const given = {
    ...(low === undefined || high === undefined ? {} : { inputRange: [low, high] as const }),
    ...(options.inputShape === undefined ? {} : { inputShape: options.inputShape }),
  };
  const config =
    options.parameters === undefined
      ? { encryption_parameters: [await suggestion(onnx, images, options)], ...given }
      : {
          ...tester.readTesterConfig(parseJson(await readWhole(options.parameters), options.parameters)),
          ...given,
        };
  const progress = new Progress(false);
  const verbose = config.debug === 'y' || config.debug === true;
  const reports = await tester
    .testParameters(onnx, images, config, {
      worstCase: options.worstCase,
      onLayer: (layer, set, image) => {
        const text = `set ${set}, image ${image}: ${layer.layer_name}, error ${layer.max_error.toExponential(1)}`;
        const noise = layer.min_noise === null ? '' : `, noise budget ${layer.min_noise}`;
        if (verbose) process.stderr.write(`${text}${noise}\n`);
        else progress.show(`${text}${noise}`);
      },
    })
    .finally(() => progress.end());
  process.stdout.write(reports.map(tester.renderParameterReport).join('\n'));
  if (options.json !== undefined)
    writeAtomically(
      options.json,
      new TextEncoder().encode(`${JSON.stringify(tester.pycrcnnResults(reports), null, 2)}\n`),
    );
  if (reports.some(({ failure, worst_case }) => failure !== undefined || worst_case?.failure !== undefined))
    process.exitCode = 1;
}

/** Prints all suggestions; the one for encoded layers in CKKS is what is tested. */
async function suggestion(onnx: Uint8Array, images: readonly Float64Array[], options: Options) {
  const { suggestParameters } = await import('../tester/index.js');
  const { precision, mode, inputShape } = options;
  const [low = 0, high = 1] = options.inputRange ?? [];
  const { ckks, pycrcnn, compiled } = await suggestParameters(onnx, {
    precision,
    mode,
    inputShape,
    inputRange: { low, high },
    samples: images,
  });
  const show = (what: unknown) => (typeof what === 'string' ? what : JSON.stringify(what));
  process.stdout.write(
    [
      `encoded layers in CKKS: ${show(ckks)}`,
      `BFV, PyCrCNN's form: ${show(pycrcnn)}`,
      `compiled (tacit he compile): ${
        typeof compiled === 'string'
          ? compiled
          : `ring degree ${compiled.ringDegree}, primes of ${compiled.primeBits.join(', ')} bits, error ${compiled.expectedError.toExponential(1)}`
      }`,
      '',
      '',
    ].join('\n'),
  );
  if (typeof ckks === 'string') throw new HeArgumentError(`no parameters to test: ${ckks}`);
  return ckks.parameters;
}

function lowHigh(text: string): number[] {
  const values = numbers(text);
  if (values.length !== 2 || !(values[0] < values[1]))
    throw new InvalidArgumentError('two numbers, the lower one first, e.g. 0,1');
  return values;
}

function parseJson(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new HeArgumentError(`${path} is no JSON: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

async function readImages(path: string, { images, inputScale }: Options): Promise<Float64Array[]> {
  const array = parseNpy(await readWhole(path));
  const values = npyNumbers(array);
  const count = array.shape[0] ?? 1;
  const size = values.length / Math.max(count, 1);
  return Array.from({ length: Math.min(images, count) }, (_, i) =>
    values.slice(i * size, (i + 1) * size).map((value) => value * inputScale),
  );
}
