/** `tacit lock attack`: the attacks on a model that was locked before. */
import { Progress } from '@tacit/cli-kit';
import { readWhole } from '@tacit/files';
import { type Command, InvalidArgumentError } from 'commander';
import type { Attack, AttackOptions } from '../attacks/run-attacks.js';
import type { LabelledData } from '../classifier/examples.js';
import { type ExampleFlags, evaluationFiles, readExamples, withExamples } from './example-options.js';
import { cancellable } from './lock-frame.js';
import { print } from './outputs.js';
import { type PassphraseFlags, passphraseFor, withPassphrase } from './passphrase.js';

interface Flags extends ExampleFlags, PassphraseFlags {
  readonly attack: readonly Attack[];
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export const ATTACK_NAMES: readonly Attack[] = ['fine-tune', 'prune', 'wrong-key'];

const EXAMPLES = `
Examples:
  tacit lock attack decryption_key.tacit encrypted_model.onnx images.npy labels.npy
  tacit lock attack decryption_key.tacit encrypted_model.onnx images.npy labels.npy --attack prune --json

Nothing is written. The key is needed to say what the model was before, and what wrong keys would give back.
`;

/** Names between commas. @throws InvalidArgumentError for others */
export function attacksOf(text: string): Attack[] {
  return text.split(',').map((name) => {
    const known = ATTACK_NAMES.find((attack) => attack === name.trim());
    if (known === undefined) throw new InvalidArgumentError(`It must be some of ${ATTACK_NAMES.join(', ')}.`);
    return known;
  });
}

/**
 * How attacks run that the command line asks for.
 * @param flags of the command line
 * @param evaluation what accuracy is measured on
 * @param signal ends them
 * @param progress the line that says how far they are
 * @returns for `attackLock`
 */
export const attackOptions = (
  { attack: attacks, batchSize, threads }: Pick<Flags, 'attack' | 'batchSize' | 'threads'>,
  evaluation: LabelledData | undefined,
  signal: AbortSignal,
  progress: Progress,
): AttackOptions => ({
  attacks,
  batchSize,
  threads,
  evaluation,
  signal,
  onProgress: (attack, done, all) => progress.show(`attack ${attack}: ${done} of ${all}`),
});

/** Adds the command. */
export function addAttack(lock: Command): void {
  withPassphrase(
    withExamples(
      lock
        .command('attack')
        .description('attack a model that adv-params locked: fine-tuning, pruning, wrong keys')
        .argument('<KEY>', 'what tacit lock adv-params wrote')
        .argument('<LOCKED.onnx>', 'the locked model')
        .argument('<IMAGES.npy>', 'examples, of which the attacker has a tenth')
        .argument('<LABELS.npy>', 'the class of each, from 0')
        .option('--attack <NAMES>', `some of ${ATTACK_NAMES.join(',')}`, attacksOf, [...ATTACK_NAMES])
        .option('--json', 'print what came of it as JSON')
        .option('--quiet', 'no progress'),
    ),
  )
    .option('--debug', 'show stacks of errors')
    .addHelpText('after', EXAMPLES)
    .action(attackModel);
}

async function attackModel(
  keyPath: string,
  path: string,
  images: string,
  labels: string,
  flags: Flags,
): Promise<void> {
  evaluationFiles(flags);
  const locked = await readWhole(path);
  const { data, evaluation } = await readExamples(images, labels, flags);
  const { advParamsKey } = await import('../adv-params/key-body.js');
  const { attackLocked } = await import('../attacks/attack-locked.js');
  const { readKey } = await import('../keys/files.js');
  const key = await readKey(keyPath, advParamsKey, { passphrase: () => passphraseFor(flags) });
  const progress = new Progress(flags.quiet === true);
  const found = await cancellable((signal) =>
    attackLocked(locked, key, data, attackOptions(flags, evaluation, signal, progress)),
  ).finally(() => progress.end());
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
    return;
  }
  const { attackRows } = await import('../report/text.js');
  print([
    ['model', path],
    ['search', `2^${found.space.bits.toFixed(0)} sets of weights to try`],
    ...attackRows(found),
  ]);
}
