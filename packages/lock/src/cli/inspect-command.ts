/** `tacit lock inspect`: what files are, without their secrets and without a passphrase. */
import { bytes } from '@tacit/cli-kit';
import { readWhole } from '@tacit/files';
import type { Command } from 'commander';
import { print } from './outputs.js';

const HELP = `
Examples:
  tacit lock inspect encrypted_model.onnx decryption_key.tacit
  tacit lock inspect *.onnx --json

Of several files it says which key is whose. What a locked file says of itself is not secret, and not authenticated.
`;

/** What a file is. */
interface Finding {
  readonly file: string;
  readonly is: 'model' | 'key';
  /** Kind of lock; undefined for a model that is not locked. */
  readonly lock?: string;
  readonly keyId?: string;
  /** `weightsHash` of a model, or of the two of a key. */
  readonly weights?: string;
  readonly unlocked?: string;
  readonly [detail: string]: string | number | boolean | undefined;
}

/**
 * Adds the command.
 * @param lock the command `tacit lock`
 */
export function addInspect(lock: Command): void {
  lock
    .command('inspect')
    .description('say what models and keys are, without showing secrets')
    .argument('<FILE...>', 'models and keys')
    .option('--json', 'print as JSON')
    .addHelpText('after', HELP)
    .action(inspect);
}

async function inspect(paths: readonly string[], { json }: { readonly json?: boolean }): Promise<void> {
  const findings: Finding[] = [];
  for (const path of paths) findings.push(await findingOf(path));
  if (json) {
    process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
    return;
  }
  findings.forEach((finding, i) => {
    if (i > 0) process.stdout.write('\n');
    const rows = Object.entries(finding).flatMap(([name, value]) =>
      value === undefined ? [] : [[LABELS[name] ?? name, String(value)] as const],
    );
    print([...rows, ...matches(finding, findings)]);
  });
}

const LABELS: Readonly<Record<string, string>> = {
  keyId: 'key id',
  unlocked: 'unlocks to',
  keyBits: 'key bits',
};

/** Which of the other files belong to one. */
function matches(one: Finding, all: readonly Finding[]): (readonly [string, string])[] {
  if (one.is !== 'key') return [];
  return all
    .filter(({ is, keyId }) => is === 'model' && keyId === one.keyId)
    .map(({ file, weights }) => [
      'belongs to',
      weights === one.weights ? file : `${file}, whose weights were changed since`,
    ]);
}

async function findingOf(path: string): Promise<Finding> {
  const file = await readWhole(path);
  const { inspectKey, looksLikeKey } = await import('../keys/index.js');
  if (looksLikeKey(file)) {
    const { kind, id, model, sealed, form } = inspectKey(file);
    return {
      file: path,
      is: 'key',
      lock: kind,
      keyId: id,
      sealed: sealed ? 'by a passphrase' : 'no: open to whoever reads it',
      form,
      weights: model?.locked,
      unlocked: model?.original,
    };
  }
  const { readMark } = await import('../mark/index.js');
  const { readWeights, weightsHash } = await import('../weights/index.js');
  const mark = readMark(file);
  const weights = readWeights(file);
  const details = Object.entries(mark?.details ?? {}).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [[name, value] as const] : [],
  );
  return {
    file: path,
    is: 'model',
    lock: mark?.kind ?? 'none, as far as the file says',
    keyId: mark?.keyId,
    ...Object.fromEntries(details),
    initializers: `${weights.length}, ${bytes(weights.reduce((sum, weight) => sum + weight.bytes.length, 0))}`,
    weights: weightsHash(weights),
  };
}
