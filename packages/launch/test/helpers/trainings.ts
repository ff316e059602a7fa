/** Trainings in this process on files in a folder, which goes when the tests of a file are over. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInProcess } from '../../src/in-process.js';
import { parseTrainConfig } from '../../src/train/config.js';
import type { TrainNotice, TrainResult } from '../../src/train/messages.js';
import { trainParty } from '../../src/train/train-party.js';

/** Points of two classes: whether the sum of both columns is positive. */
export const ROWS = 40;
export const numbers = Array.from({ length: ROWS }, (_, i) => [
  Math.sin(3.7 * i) * 2,
  Math.cos(1.3 * i * i + 1) * 2,
]);
export const label = ([a, b]: readonly number[]): number => (a + b > 0 ? 1 : 0);

export const COLUMNS = `parties: [alice, bob]
data:
  features:
    - { owner: alice, file: a.csv }
    - { owner: bob, file: b.csv, columns: [right] }
  targets: { owner: bob, file: b.csv, columns: [kind] }
  classes: ['no', 'yes']
model:
  - Linear: [2, 4]
  - ReLU
  - Linear: [4, 2]
loss: CrossEntropyLoss
optimizer: { SGD: { lr: 0.5, momentum: 0.5 } }
epochs: 8
batchSize: 8
seed: 3
reveal: { loss: all, accuracy: bob }
`;

/** The folder, with the files of `COLUMNS` in it, and trainings on what is there. */
export function trainingFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'tacit-train-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);
  const write = (name: string, contents: string | Uint8Array): void => writeFileSync(at(name), contents);
  write('a.csv', `left\n${numbers.map(([a]) => `${a}\n`).join('')}`);
  write(
    'b.csv',
    `right,kind,score\n${numbers.map((row) => `${row[1]},${['no', 'yes'][label(row)]},${row[0] - row[1]}\n`).join('')}`,
  );

  /** Paths of files in the texts of configs. */
  const placed = (text: string): string =>
    text.replaceAll(/\b(file|shares|onnx|scaling): ([^\s,}]+)/g, (_, key, name) => `${key}: ${at(name)}`);
  const parse = (text: string) => parseTrainConfig(placed(text), 'c.yaml');

  async function trained(
    text: string,
    { resume = false, notices = [] as TrainNotice[] } = {},
  ): Promise<TrainResult[]> {
    const checked = parse(text);
    const worldSize = checked.config.parties.length;
    return runInProcess(
      {
        worldSize,
        onEvent: (event) => {
          if (event.type === 'notice') notices.push(event.data as TrainNotice);
        },
      },
      (party) => trainParty(party, { ...checked, resume }),
    );
  }
  return { folder, at, write, parse, trained };
}

export async function failure(run: Promise<unknown>): Promise<string> {
  const error = await run.then(
    () => new Error('accepted'),
    (thrown: Error) => thrown,
  );
  const { code } = error as { code?: string };
  const own = (code === 'PARTY_FAILED' ? error.cause : error) as Error & { code?: string };
  return `[${own.code}] ${own.message}`;
}
