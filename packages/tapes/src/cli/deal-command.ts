/** `tacit deal`: tapes for a model or a plan, sealed to their members. */
import { basename } from 'node:path';
import { bytes, integer, interruptible, Progress } from '@tacit/cli-kit';
import { writeAtomically } from '@tacit/files';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TapeMember } from '../header.js';
import { inputShape, type Shapes } from './model-plan.js';

interface Flags {
  readonly to?: readonly TapeMember[];
  readonly key?: string;
  readonly out: string;
  readonly count: number;
  readonly session?: string;
  readonly program?: string;
  readonly planOnly?: string;
  readonly inputShape?: Shapes;
  readonly parties?: number;
  readonly modelOwner: number;
  readonly dataOwner: number;
  readonly mode: 'owned' | 'shared';
  readonly inferences: number;
  readonly output?: readonly string[];
  readonly quiet?: boolean;
}

const EXAMPLES = `
Examples:
  tacit deal model.onnx --plan-only model.plan.json          at the model's owner: no weight is in a plan
  tacit deal model.plan.json --key dealer.tapekey --count 100 --to alice=tape-5f… --to bob=tape-a0…
  tacit deal training.plan.json --key dealer.tapekey --to alice=tape-5f… --to bob=tape-a0…

Members are named by rank. Each gets a folder of its name in --out, to take along: a small key file for each tape and, for
the last member, the corrections. Bring each folder to its member by any way, and delete it here. What a model's session
does is fixed: it encrypts the model, and for each inference makes the input, runs the model and reveals the first output.
For other programs a plan is recorded: 'tacit party SESSION.json PROGRAM --record-plan FILE'.
`;

/** NAME=tape-…, added to those before. */
function member(text: string, before: readonly TapeMember[] = []): readonly TapeMember[] {
  const [, name, key] = /^([^=]+)=(tape-[0-9a-f]{64})$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('It must be NAME=tape- and 64 hexadecimal digits.');
  return [...before, { name, key }];
}

const several = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

export function addDeal(program: Command): void {
  const rank = integer(0, 63);
  program
    .command('deal')
    .description('make correlated randomness ahead: tapes, with which parties compute without a dealer')
    .argument('<MODEL.onnx|PLAN.json>', 'what the tapes are for')
    .option('--to <NAME=KEY>', 'a member and its public key; once for each, by rank', member)
    .option('--key <FILE>', "the dealer's own secret key, made by tacit tapes keygen")
    .option('--out <DIR>', 'where the folders of the members are made', 'tapes')
    .option('--count <N>', 'how many tapes; each serves one session', integer(1, 1e6), 1)
    .option('--session <NAME>', 'the only session that may use them (default: any one of these members)')
    .option('--program <NAME>', 'what they are called (default: the name of the file)')
    .option('--plan-only <FILE>', 'write the plan, for a dealer, and make no tapes')
    .option('--input-shape <[NAME=]SIZES>', 'of an input whose sizes the model leaves open', inputShape)
    .option('--parties <N>', 'of a plan for a model (default: as many as --to, or 2)', integer(2, 64))
    .option('--model-owner <RANK>', 'who has the model', rank, 0)
    .option('--data-owner <RANK>', 'who has the inputs, and learns the outputs', rank, 1)
    .addOption(
      new Option('--mode <MODE>', "the model's weights").choices(['owned', 'shared']).default('owned'),
    )
    .option('--inferences <N>', 'how many a session makes', integer(1, 1e6), 1)
    .option(
      '--output <NAME>',
      'an output that is revealed (default: the first); may be given several times',
      several,
    )
    .option('--quiet', 'no progress, no summary')
    .option('--debug', 'show stacks of errors')
    .addHelpText('after', EXAMPLES)
    .action(deal);
}

async function deal(path: string, flags: Flags, command: Command): Promise<void> {
  const { to: members = [], planOnly } = flags;
  if (planOnly === undefined) {
    if (members.length < 2)
      command.error("error: option '--to <NAME=KEY>' is needed for each of the members");
    if (flags.key === undefined) command.error("error: required option '--key <FILE>' not specified");
  }
  const { planFromFile } = await import('./model-plan.js');
  const plan = await planFromFile(path, flags.inputShape ?? {}, {
    parties: flags.parties ?? (members.length || 2),
    mode: flags.mode,
    modelOwner: flags.modelOwner,
    dataOwner: flags.dataOwner,
    inferences: flags.inferences,
    outputs: flags.output,
  });
  const { correctionBytes, encodePlan, planHash, tableOf } = await import('@tacit/mpc');
  const size = correctionBytes(tableOf(plan));
  const name = `${planHash(plan).slice(0, 12)}, ${plan.operations.length} operations, ${bytes(size)} a tape`;
  if (planOnly !== undefined) {
    writeAtomically(planOnly, new TextEncoder().encode(encodePlan(plan)));
    if (!flags.quiet) process.stdout.write(`plan ${name}\n`);
    return;
  }
  const [{ dealTapes }, { readTapeKey }, { Ring }] = await Promise.all([
    import('../deal.js'),
    import('../keys.js'),
    import('@tacit/ring'),
  ]);
  const keys = await readTapeKey(flags.key as string);
  const ring = await Ring.load();
  const progress = new Progress(flags.quiet === true);
  try {
    await interruptible((signal) =>
      dealTapes({
        ring,
        plan,
        members,
        keys,
        signal,
        program: flags.program ?? basename(path),
        count: flags.count,
        out: flags.out,
        session: flags.session,
        onProgress: (done) =>
          progress.show(`tape ${done.tapes + 1} of ${flags.count}: ${bytes(done.bytes)} of ${bytes(size)}`),
      }),
    );
  } finally {
    progress.end();
  }
  if (!flags.quiet)
    process.stdout.write(
      `${flags.count} ${flags.count === 1 ? 'tape' : 'tapes'} of plan ${name}\n${members
        .map((own) => `for ${own.name}: ${flags.out}/${own.name}`)
        .join('\n')}\n`,
    );
}
