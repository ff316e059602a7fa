/** `tacit predict`: options, progress, summary and report. */
import { resolve } from 'node:path';
import { bytes, integer, interruptible, Progress, positive } from '@tacit/cli-kit';
import { requireFolder, writeAtomically } from '@tacit/files';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { LaunchOptionsError } from '../errors.js';
import type { LaunchEvent, PartyTapes, TransportName } from '../options.js';
import type { PredictReport } from '../predict/report.js';
import { debugRequested } from './errors.js';
import { inputRange } from './input-range.js';
import { showEvent } from './progress.js';
import { PUBLIC_FLAG, type PublicInputs, publicInput } from './public-input.js';
import { TREES, treeOf } from './tree-option.js';

/** Files of inputs or outputs, by name: of the data's owner, or of another party. */
type Files = Readonly<Record<string, string | { readonly file: string; readonly owner: number }>>;

interface Flags {
  readonly out?: string;
  readonly input?: Files;
  readonly output?: Files;
  readonly parties: number;
  readonly transport: TransportName;
  readonly modelOwner: number;
  readonly dataOwner: number;
  readonly report?: string;
  readonly repeat: number;
  readonly mode: 'owned' | 'shared';
  readonly tree: (typeof TREES)[number];
  readonly timeout: number;
  readonly tapes?: readonly string[];
  readonly tapeKey?: readonly string[];
  readonly tapeDealer?: string;
  readonly inputRange?: readonly [number, number];
  readonly public?: PublicInputs;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

const EXAMPLES = `
Examples:
  tacit predict model.onnx input.npy --out output.npy
  tacit predict model.onnx input.npy --out output.npy --transport ws --tree bt3
  tacit predict model.onnx input.npy --out output.npy --parties 3 --model-owner 2 --report report.json --repeat 5
  tacit predict model.onnx --parties 3 --input image=scan.npy@1 --input history=visits.npy@2 --output risk=risk.npy@1

The model's owner opens MODEL.onnx, the data's owner opens INPUT.npy and writes OUTPUT.npy; no other party does.
FILE.npy@RANK is a file of the party of that rank: it alone opens an input, and learns and writes an output.
With --mode owned the weights leave their owner under a uniform mask only; with --mode shared they are secret-shared.
`;

const several = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** The tapes of all parties, by rank. */
function tapesOf({ tapes, tapeKey, tapeDealer: dealer }: Flags): readonly PartyTapes[] | undefined {
  if (tapes === undefined && tapeKey === undefined && dealer === undefined) return undefined;
  if (dealer === undefined || tapes === undefined || tapes.length !== tapeKey?.length)
    throw new LaunchOptionsError(
      '--tapes and --tape-key are given once for each party, by rank, and --tape-dealer once',
    );
  return tapes.map((folder, rank) => ({ folder, key: tapeKey[rank], dealer }));
}

/** NAME=FILE or NAME=FILE@RANK, added to those before. */
function namedFile(text: string, before: Files = {}): Files {
  const parts = /^([^=]+)=(.+?)(?:@(\d+))?$/s.exec(text);
  if (!parts) throw new InvalidArgumentError('It must be NAME=FILE.npy or NAME=FILE.npy@RANK.');
  const [, name, file, rank] = parts;
  if (name in before) throw new InvalidArgumentError(`There are two files for ${name}.`);
  return { ...before, [name]: rank === undefined ? file : { file, owner: Number(rank) } };
}

const outputsOf = ({ out, output = {} }: Flags): string =>
  [
    ...(out === undefined ? [] : [out]),
    ...Object.values(output).map((file) => (typeof file === 'string' ? file : file.file)),
  ].join(', ');

export function addPredict(program: Command): void {
  program
    .command('predict')
    .description('run a model on an input, privately, with all parties and the dealer on this machine')
    .argument('<MODEL.onnx>', "the model owner's file")
    .argument('[INPUT.npy]', "the data owner's file, float32 or float64; integers where the model takes them")
    .option(
      '--input <NAME=FILE.npy[@RANK]>',
      'the input of that name, and whose it is; may be given several times',
      namedFile,
    )
    .option('--out <OUTPUT.npy>', "where the data owner writes the output (of several, the model's first)")
    .option(
      '--output <NAME=FILE.npy[@RANK]>',
      'where an output of that name goes, and to whom; may be given several times',
      namedFile,
    )
    .option('--parties <N>', 'number of parties', integer(2, 1e9), 2)
    .addOption(
      new Option('--transport <NAME>', 'threads or processes').choices(['threads', 'ws']).default('threads'),
    )
    .option('--model-owner <RANK>', 'party that has the model', integer(0, 1e9), 0)
    .option('--data-owner <RANK>', 'party that has the data', integer(0, 1e9), 1)
    .option('--report <FILE.json>', 'write rounds, bytes and times to a file')
    .option('--repeat <K>', 'run K inferences', integer(1, 1e9), 1)
    .addOption(
      new Option('--mode <MODE>', 'how weights are protected').choices(['owned', 'shared']).default('owned'),
    )
    .addOption(
      new Option('--tree <TREE>', 'bt3: fewer rounds; bt4: fewer bytes from the dealer')
        .choices(TREES)
        .default('by-size'),
    )
    .option(
      '--input-range <LOW:HIGH>',
      'bounds of the input: layers that may leave their range are named',
      inputRange,
    )
    .option(PUBLIC_FLAG, 'an input that everybody may know, such as a sampling rate', publicInput)
    .option(
      '--tapes <DIR>',
      "no dealer: a party's folder of tapes, filled by tacit deal; once for each, by rank",
      several,
    )
    .option('--tape-key <FILE>', "a party's key of tacit tapes keygen; once for each, by rank", several)
    .option('--tape-dealer <KEY>', 'public key of who made the tapes')
    .option('--timeout <SECONDS>', 'how long a party waits for another', positive(2e6), 120)
    .option('--quiet', 'no progress, no summary')
    .option('--debug', 'show what happens, and stacks of errors')
    .addHelpText('after', EXAMPLES)
    .action((model: string, input: string | undefined, flags: Flags, command: Command) => {
      if (input === undefined && flags.input === undefined)
        command.error("error: missing required argument 'INPUT.npy'");
      if (flags.out === undefined && flags.output === undefined)
        command.error("error: required option '--out <OUTPUT.npy>' not specified");
      return run(model, input, flags);
    });
}

async function run(model: string, input: string | undefined, flags: Flags): Promise<void> {
  if (flags.report !== undefined) {
    if (flags.out !== undefined && resolve(flags.report) === resolve(flags.out))
      throw new LaunchOptionsError('the report would replace the output; give it another name');
    requireFolder(flags.report);
  }
  // What computes is loaded once there is something to compute: help, errors and other commands need none of it.
  const [{ predict }, tree] = await Promise.all([import('../predict/predict.js'), treeOf(flags.tree)]);
  const progress = new Progress(flags.quiet === true);
  const debug = debugRequested(flags.debug ? ['--debug'] : []);
  const onEvent = (event: LaunchEvent): void => {
    showEvent(progress, event, flags.repeat);
    if (debug) process.stderr.write(`tacit: debug: ${JSON.stringify(event)}\n`);
  };
  try {
    const report = await interruptible((signal) =>
      predict(model, input, flags.out, {
        modelOwner: flags.modelOwner,
        dataOwner: flags.dataOwner,
        mode: flags.mode,
        repeat: flags.repeat,
        inputRange: flags.inputRange,
        publicInputs: flags.public,
        inputs: flags.input,
        outputs: flags.output,
        launch: {
          worldSize: flags.parties,
          tapes: tapesOf(flags),
          transport: flags.transport,
          timeoutMs: flags.timeout * 1000,
          config: { tree },
          signal,
          onEvent,
        },
      }),
    );
    progress.end();
    if (flags.report !== undefined)
      writeAtomically(flags.report, new TextEncoder().encode(`${JSON.stringify(report, undefined, 2)}\n`));
    if (!flags.quiet) process.stdout.write(summary(outputsOf(flags), report));
  } finally {
    progress.end();
  }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function summary(out: string, report: PredictReport): string {
  const { inferences } = report;
  const times = inferences.length > 1 ? ` (median of ${inferences.length})` : '';
  return [
    `output   [${report.outputShape.join(', ')}] in ${out}`,
    `rounds   ${report.rounds}`,
    `sent     ${bytes(sum(report.bytesSent))} by the parties, ${bytes(sum(report.dealerBytes))} by the dealer`,
    `time     ${report.inferenceMs.toFixed(1)} ms an inference${times}, ${report.setupMs.toFixed(0)} ms setup`,
    '',
  ].join('\n');
}
