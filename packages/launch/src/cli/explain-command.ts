/** `tacit explain`: what a model costs in private, without running it. */
import { integer } from '@tacit/cli-kit';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { InputShape } from '../explain/model.js';
import { bandwidth, duration, speed } from '../explain/units.js';
import { PUBLIC_FLAG, type PublicInputs, publicInput } from './public-input.js';
import { TREES, treeOf } from './tree-option.js';

interface Flags {
  readonly batch?: number;
  readonly inputShape?: Readonly<Record<string, InputShape>>;
  readonly output?: Readonly<Record<string, number | undefined>>;
  readonly parties: number;
  readonly modelOwner: number;
  readonly dataOwner: number;
  readonly mode: 'owned' | 'shared';
  readonly tree: (typeof TREES)[number];
  readonly rtt: number;
  readonly bandwidth?: number;
  readonly speed?: number;
  readonly together?: boolean | number;
  readonly public?: PublicInputs;
  readonly top: number;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  tacit explain model.onnx --batch 32 --rtt 40ms --bandwidth 100mbit
  tacit explain model.onnx --input-shape 1,3,224,224 --parties 3 --mode shared --json
  tacit explain model.onnx --input-shape image=1,3,32,32@1 --input-shape history=1,64@2 --parties 3
  tacit explain model.onnx --batch 32 --together --speed 2.1G

Nothing is run: no other party is needed, and no input. Rounds and bytes are exact; they are the payload, beside which a
message has some hundred bytes. Time and memory are estimates, of an inference in a process that has run some before.
`;

/** NAME=1,3,32,32 or NAME=1,3,32,32@RANK, the name left out for a model's only input; added to those before. */
function inputShape(
  text: string,
  before: Readonly<Record<string, InputShape>> = {},
): Readonly<Record<string, InputShape>> {
  const parts = /^(?:(.+)=)?(\d+(?:,\d+)*)(?:@(\d+))?$/s.exec(text);
  const shape = parts?.[2].split(',').map(Number) ?? [];
  if (!parts || shape.some((size) => !Number.isSafeInteger(size) || size < 1))
    throw new InvalidArgumentError(
      'It must be NAME=1,3,32,32 or NAME=1,3,32,32@RANK, of sizes of at least 1.',
    );
  const [, name = '', , rank] = parts;
  if (Object.hasOwn(before, name))
    throw new InvalidArgumentError(`There are two shapes${name === '' ? '' : ` of ${name}`}.`);
  return { ...before, [name]: rank === undefined ? { shape } : { shape, owner: Number(rank) } };
}

/** NAME or NAME@RANK, added to those before. */
function outputTo(
  text: string,
  before: Readonly<Record<string, number | undefined>> = {},
): Readonly<Record<string, number | undefined>> {
  const parts = /^(.+?)(?:@(\d+))?$/s.exec(text);
  if (!parts) throw new InvalidArgumentError('It must be NAME or NAME@RANK.');
  const [, name, rank] = parts;
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return { ...before, [name]: rank === undefined ? undefined : Number(rank) };
}

export function addExplain(program: Command): void {
  program
    .command('explain')
    .description('say what a model costs in private (rounds, bytes, memory, time) without running it')
    .argument('<MODEL.onnx>', 'the model file')
    .option('--batch <N>', 'examples in the input: its first size', integer(1, 1e9))
    .option(
      '--input-shape <[NAME=]1,3,32,32[@RANK]>',
      'shape of an input where the file leaves sizes open, and whose it is; may be given several times',
      inputShape,
    )
    .option(
      '--output <NAME[@RANK]>',
      "an output that is revealed, and to whom; may be given several times (default: the model's first)",
      outputTo,
    )
    .option('--parties <N>', 'number of parties', integer(2, 64), 2)
    .option('--model-owner <RANK>', 'party that has the model', integer(0, 63), 0)
    .option('--data-owner <RANK>', 'party that has the data', integer(0, 63), 1)
    .addOption(
      new Option('--mode <MODE>', 'how weights are protected').choices(['owned', 'shared']).default('owned'),
    )
    .addOption(
      new Option('--tree <TREE>', 'bt3: fewer rounds; bt4: fewer bytes from the dealer')
        .choices(TREES)
        .default('by-size'),
    )
    .option('--rtt <TIME>', 'round trip between two members, e.g. 40ms or 0.04s', duration, 0)
    .option(
      '--bandwidth <RATE>',
      'of each direction between two members, e.g. 100mbit, 1gbit or 12MB/s (default: unlimited)',
      bandwidth,
    )
    .option(
      '--speed <RATE>',
      'multiplications in Z/2^64 that a core makes in a second, e.g. 800M (default: measured here, in half a second)',
      speed,
    )
    .option(
      '--together [CORES]',
      'all members share one machine: this one, or one with so many processors',
      integer(1, 4096),
    )
    .option(PUBLIC_FLAG, 'an input that everybody may know, such as a sampling rate', publicInput)
    .option('--top <N>', 'list so many operations: those that add most', integer(1, 1e9), 20)
    .option('--json', 'print everything as JSON')
    .option('--debug', 'show stacks of errors')
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run(model: string, flags: Flags): Promise<void> {
  const { explain } = await import('../explain/explain.js');
  const report = await explain(model, {
    batch: flags.batch,
    inputs: flags.inputShape,
    outputs: flags.output,
    parties: flags.parties,
    modelOwner: flags.modelOwner,
    dataOwner: flags.dataOwner,
    mode: flags.mode,
    publicInputs: flags.public,
    config: { tree: await treeOf(flags.tree) },
    roundTripMs: flags.rtt,
    bytesPerSecond: flags.bandwidth,
    speed: flags.speed,
    sharedCores: flags.together,
  });
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
    return;
  }
  const { explainText } = await import('../explain/text.js');
  process.stdout.write(explainText(report, flags.top));
}
