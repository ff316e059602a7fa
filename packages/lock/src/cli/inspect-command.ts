/** `tacit lock inspect`: what files are, without their secrets and without a passphrase. */
import { statSync } from 'node:fs';
import { bytes, table } from '@tacit/cli-kit';
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
  /** Initializers of a model, where they were asked for. */
  readonly list?: readonly Listed[];
  readonly [detail: string]: string | number | boolean | undefined | readonly Listed[];
}

interface Listed {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  readonly bytes: number;
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
    .option('--weights', 'list the initializers of models')
    .option('--json', 'print as JSON')
    .addHelpText('after', HELP)
    .action(inspect);
}

interface Flags {
  readonly json?: boolean;
  readonly weights?: boolean;
}

async function inspect(paths: readonly string[], { json, weights }: Flags): Promise<void> {
  const findings: Finding[] = [];
  for (const path of paths) findings.push(await findingOf(path, weights));
  if (json) {
    process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
    return;
  }
  findings.forEach((finding, i) => {
    if (i > 0) process.stdout.write('\n');
    const rows = Object.entries(finding).flatMap(([name, value]) =>
      value === undefined || Array.isArray(value) ? [] : [[LABELS[name] ?? name, String(value)] as const],
    );
    print([...rows, ...matches(finding, findings)]);
    if (!finding.list) return;
    const cells = finding.list.map(({ name, type, shape, bytes: size }) => [
      name,
      type,
      `[${shape.join(', ')}]`,
      bytes(size),
    ]);
    process.stdout.write(`\n${table(['initializer', 'type', 'shape', 'size'], cells).join('\n')}\n`);
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
  return (
    all
      // A model that does not say that it is locked has the weights that the key names.
      .filter(({ is, keyId, weights }) => is === 'model' && (keyId === one.keyId || weights === one.weights))
      .map(({ file, weights }) => [
        'belongs to',
        weights === one.weights ? file : `${file}, whose weights were changed since`,
      ])
  );
}

async function findingOf(path: string, listed = false): Promise<Finding> {
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
      readable: readableBy(path),
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
    list: listed
      ? weights.map(({ name, type, shape, bytes: { length } }) => ({ name, type, shape, bytes: length }))
      : undefined,
  };
}

/** Whom the permissions of a key let read it; undefined where they say nothing, as on Windows. */
function readableBy(path: string): string | undefined {
  if (process.platform === 'win32') return undefined;
  const mode = statSync(path).mode & 0o777;
  return (mode & 0o077) === 0 ? 'by its owner' : `by others, too: chmod 600 ${path}`;
}
