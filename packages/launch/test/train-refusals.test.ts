/** What is refused of a training because of its files and what is in them. */
import { defaultConfig } from '@tacit/mpc';
import { expect } from 'chai';
import { runInProcess } from '../src/in-process.js';
import { checkTraining } from '../src/train/check.js';
import { trainParty } from '../src/train/train-party.js';
import { COLUMNS, failure, trainingFolder } from './helpers/trainings.js';

const { write, parse, trained } = trainingFolder();

describe('a training', function () {
  this.timeout(30_000);

  const refusals: readonly [string, (text: string) => string, RegExp][] = [
    [
      'a column that is not there',
      (c) => c.replace('[right]', '[rigth]'),
      /c\.yaml:5:\d+: .*b\.csv has no column 'rigth'; it has right, kind, score/,
    ],
    ['a column beyond the last', (c) => c.replace('[right]', '[7]'), /no column 7: it has 3, from 0/],
    [
      'a text among numbers',
      (c) => c.replace('[right]', '[kind]'),
      /ARRAY_FILE.*b\.csv: line 2, column 'kind': '(no|yes)' is not a number/,
    ],
    [
      'a label that is not listed',
      (c) => c.replace("['no', 'yes']", "['no', 'maybe']"),
      /b\.csv: line \d+, column 'kind': 'yes' is no label; labels are no, maybe/,
    ],
    [
      'more than one column of labels',
      (c) => c.replace('[kind]', '[kind, score, right]'),
      /classes are one column of labels/,
    ],
    [
      'a layer that does not fit its input',
      (c) => c.replace('[2, 4]', '[3, 4]'),
      /c\.yaml:9:\d+: layer 0 \(Linear\)/,
    ],
    [
      'layers that do not fit each other',
      (c) => c.replace('[4, 2]', '[5, 2]'),
      /c\.yaml:11:\d+: layer 2 \(Linear\) on an input \[8, 4\]/,
    ],
    [
      'an output that does not fit the targets',
      (c) => c.replace('[4, 2]', '[4, 3]'),
      /c\.yaml:12:\d+: the loss of an output \[8, 3\] and targets \[8, 2\]/,
    ],
    ['a layer without a size', (c) => c.replace('[2, 4]', '[2]'), /c\.yaml:9:\d+: Linear: .*outputs/],
    [
      'a misspelt option of a layer',
      (c) => c.replace('[2, 4]', '[2, 4, { bais: false }]'),
      /c\.yaml:9:\d+: .*(no option 'bais')/,
    ],
    [
      'an argument too many',
      (c) => c.replace('- ReLU', '- ReLU: 3'),
      /c\.yaml:10:11: ReLU takes no arguments, not 1/,
    ],
    [
      'a number for options',
      (c) => c.replace('[2, 4]', '[2, 4, 7]'),
      /c\.yaml:9:20: Linear takes options here, such as \{ name: value \}, not 7/,
    ],
    [
      'a misspelt option of the optimiser',
      (c) => c.replace('momentum', 'momentun'),
      /c\.yaml:13:\d+: SGD has no option 'momentun'/,
    ],
    [
      'an impossible option',
      (c) => c.replace('lr: 0.5', 'lr: -1'),
      /c\.yaml:13:\d+: SGD: the learning rate is -1/,
    ],
    [
      'a loss of many numbers',
      (c) => c.replace('CrossEntropyLoss', "{ CrossEntropyLoss: { reduction: 'none' } }"),
      /its reduction is 'mean' or 'sum'/,
    ],
    ['too few rows for validation', (c) => `${c}validation: 0.01\n`, /0\.01 of 40 rows is not one/],
    ['a file that is not there', (c) => c.replace('a.csv', 'none.csv'), /FILE_NOT_FOUND/],
    [
      'rows that do not match',
      (c) => c.replace('a.csv', 'short.csv'),
      /b\.csv of bob has 40 rows and .*short\.csv of alice 2/,
    ],
    [
      'a missing value',
      (c) => c.replace('a.csv', 'hole.csv'),
      /hole\.csv: line 3, column 'left': a value is missing/,
    ],
    [
      'values out of range',
      (c) => c.replace('a.csv', 'large.csv'),
      /large\.csv: row 1 of the data.*below 2\^20/,
    ],
    [
      'labels without a name above them',
      (c) => c.replace('file: b.csv, columns: [kind]', 'file: kinds.csv'),
      /c\.yaml:6:\d+: .*kinds\.csv begins with 'no', which is a class: give the file a first line/,
    ],
    ['an empty table', (c) => c.replace('a.csv', 'empty.csv'), /the table has no rows/],
    ['something else', (c) => c.replace('a.csv', 'broken.npz'), /ARRAY_FILE.*broken\.npz/],
    [
      'a shape of other size',
      (c) => c.replace('  classes', '  shape: [1, 3]\n  classes'),
      /an example has 2 numbers, and the shape \[1, 3\] 3/,
    ],
    [
      'nothing to train',
      (c) => c.replace(/model:[\s\S]*?(?=loss:)/, 'model: [ReLU]\n'),
      /no weights that can be trained/,
    ],
  ];
  before(() => {
    write('short.csv', 'left\n1\n2\n');
    write('hole.csv', 'left,right\n1,2\n,3\n');
    write('large.csv', 'left\n1\n3e6\n');
    write('kinds.csv', `${'no\nyes\n'.repeat(20)}`);
    write('empty.csv', 'left\n');
    write('broken.npz', 'PK no zip');
  });
  for (const [name, change, message] of refusals)
    it(`is refused with ${name}, before it starts and by --check`, async () => {
      expect(change(COLUMNS)).not.equal(COLUMNS);
      expect(await failure(checkTraining(parse(change(COLUMNS)), defaultConfig))).match(message);
      expect(await failure(trained(change(COLUMNS)))).match(message);
    });

  it('is refused where a result would replace what is read, or another result', async () => {
    const check = (more: string) => failure(checkTraining(parse(COLUMNS + more), defaultConfig));
    expect(await check('save: { shares: a.csv }\n')).match(/a\.csv would be replaced, and it is read/);
    expect(await check('save: { shares: s }\ncheckpoint: { file: s }\n')).match(/would be written twice/);
    expect(await check('save: { to: bob, file: no/m.npz }\n')).match(/FILE_NOT_WRITABLE/);
  });

  it('is refused where parties have other configs', async () => {
    const [mine, theirs] = [COLUMNS, COLUMNS.replace('lr: 0.5', 'lr: 0.25')].map(parse);
    const run = runInProcess({ worldSize: 2 }, (party) =>
      trainParty(party, { ...(party.rank === 0 ? mine : theirs), resume: false }),
    );
    expect(await failure(run)).match(/TRAIN_CONFIG.*has another config/);
  });
});
