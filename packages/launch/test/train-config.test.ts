/** Configs of trainings: what is read, and that every mistake is named with line and column. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parseTrainConfig } from '../src/train/config.js';
import { EXAMPLE } from '../src/train/example.js';

const GOOD = `parties: [a, b]
data:
  features: { owner: a, file: x.csv }
  targets: { owner: b, file: y.csv }
  classes: 2
model:
  - Linear: [2, 2]
loss: CrossEntropyLoss
optimizer: { SGD: { lr: 0.1 } }
epochs: 1
batchSize: 4
`;

describe('the config of a training', () => {
  const parse = (text: string) => parseTrainConfig(text, 'c.yaml');
  const refusal = (text: string): string => {
    try {
      parse(text);
    } catch (error) {
      expect((error as { code?: string }).code, String(error)).equal('TRAIN_CONFIG');
      return (error as Error).message;
    }
    return 'accepted';
  };

  it('is understood with everything left out that may be', () => {
    const { config } = parse(GOOD);
    expect(config).deep.include({
      parties: ['a', 'b'],
      initial: 'nobody',
      validation: 0,
      reveal: { loss: [], accuracy: [] },
      save: [],
      model: [{ name: 'Linear', args: [2, 2] }],
      optimizer: { name: 'SGD', args: [{ lr: 0.1 }] },
    });
    expect(config.data).deep.include({
      split: 'columns',
      standardize: 'none',
      features: [{ owner: 'a', file: 'x.csv' }],
    });
  });

  it('of the example is correct', () => {
    const { config } = parse(EXAMPLE);
    expect(config.reveal).deep.equal({ loss: 'all', accuracy: [0] });
    expect(config.save).deep.equal([{ to: 'clinic', file: 'model.safetensors' }, { shares: 'model.shares' }]);
  });

  it('is explained in docs/train.md by the example', () => {
    const text = readFileSync(new URL('../../../docs/train.md', import.meta.url), 'utf8');
    expect(text).include(`\`\`\`yaml\n${EXAMPLE}\`\`\`\n`);
  });

  it('says who learns what: all, nobody, one or several', () => {
    const told = (who: string) => parse(`${GOOD}reveal: { loss: ${who} }\n`).config.reveal.loss;
    expect(told('all')).equal('all');
    expect(told('nobody')).deep.equal([]);
    expect(told('b')).deep.equal([1]);
    expect(told('[b, a, b]')).deep.equal([0, 1]);
    expect(told('[]')).deep.equal([]);
  });

  const change = (from: string, to: string): string => {
    expect(GOOD).include(from);
    return GOOD.replace(from, to);
  };
  const bad: readonly [string, string, RegExp][] = [
    ['nothing', '', /^c\.yaml:1:1: a config is a map/],
    ['a list', '- 1\n', /^c\.yaml:1:1: a config is a map/],
    ['broken YAML', 'parties: [a, b\ndata: 1\n', /^c\.yaml:2:\d+: not correct YAML/],
    ['a key twice', `${GOOD}epochs: 2\n`, /^c\.yaml:12:1: not correct YAML: Map keys must be unique/],
    ['two documents', `${GOOD}---\n${GOOD}`, /not correct YAML/],
    ['a tag that runs code', `${GOOD}seed: !!js/function 'x'\n`, /^c\.yaml:12:7: not correct YAML/],
    [
      'brackets without end',
      `${GOOD}x: ${'['.repeat(100_000)}`,
      /^c\.yaml:12:68: this is nested deeper than any config/,
    ],
    ['aliases that multiply', bomb(), /not correct YAML: Excessive alias count/],
    ['a missing entry', change('epochs: 1\n', ''), /^c\.yaml:1:1: 'epochs' is missing/],
    ['a missing entry below', change('owner: b, ', ''), /^c\.yaml:4:3: 'owner' is missing/],
    [
      'a misspelt entry',
      change('epochs: 1', 'epochs: 1\nbatchsize: 3'),
      /^c\.yaml:11:1: unknown entry 'batchsize'; there are .*; did you mean 'batchSize'\?/,
    ],
    [
      'a misspelt entry below',
      change('file: y.csv', 'file: y.csv, colums: [z]'),
      /^c\.yaml:4:37: unknown entry 'colums'; there are owner, file, columns.*did you mean 'columns'\?/,
    ],
    ['one party', change('[a, b]', '[a]'), /^c\.yaml:1:1: 'parties' must be two parties at least/],
    ['a party twice', change('[a, b]', '[a, b, a]'), /^c\.yaml:1:17: there are two parties of the name 'a'/],
    ['a party called all', change('[a, b]', '[a, b, all]'), /^c\.yaml:1:17: 'all' cannot be the name/],
    [
      'an owner who does not take part',
      change('owner: b', 'owner: bob'),
      /^c\.yaml:4:21: there is no party 'bob'; there are a, b/,
    ],
    ['a number for a name', change('owner: b', 'owner: 2'), /^c\.yaml:4:21: 'owner' must be a text, not 2/],
    ['no file', change('file: x.csv', "file: ''"), /^c\.yaml:3:31: 'file' must not be empty/],
    [
      'an unknown layer',
      change('Linear', 'Linaer'),
      /^c\.yaml:7:5: there is no layer 'Linaer'; there are .*; did you mean 'Linear'\?/,
    ],
    [
      'a layer that is no layer',
      change('Linear: [2, 2]', 'Module'),
      /^c\.yaml:7:5: there is no layer 'Module'/,
    ],
    ['a name of every object', change('Linear: [2, 2]', 'toString'), /there is no layer 'toString'/],
    [
      'a layer with two names',
      change('Linear: [2, 2]', 'Linear: [2, 2]\n    ReLU:'),
      /^c\.yaml:7:5: 'model' must be a name/,
    ],
    ['no layers', change('model:\n  - Linear: [2, 2]', 'model: []'), /'model' must have a layer/],
    [
      'a layer of a party that is not there',
      change('model:\n  - Linear: [2, 2]', 'model: { onnx: m.onnx, owner: c }'),
      /^c\.yaml:6:31: there is no party 'c'/,
    ],
    ['an infinite size', change('[2, 2]', '[2, .inf]'), /^c\.yaml:7:17: must be a number, a text/],
    ['an unknown loss', change('CrossEntropyLoss', 'CrossEntropy'), /there is no loss 'CrossEntropy'/],
    [
      'an unknown optimiser',
      change('SGD', 'SDG'),
      /^c\.yaml:9:14: there is no optimiser 'SDG'; there are .*SGD/,
    ],
    ['an unknown schedule', `${GOOD}schedule: { Warmup: 1 }\n`, /there is no schedule 'Warmup'/],
    ['no epochs', change('epochs: 1', 'epochs: 0'), /^c\.yaml:10:9: 'epochs' must be a whole number from 1/],
    [
      'half a batch',
      change('batchSize: 4', 'batchSize: 4.5'),
      /^c\.yaml:11:12: 'batchSize' must be a whole number/,
    ],
    ['a text for a number', change('epochs: 1', "epochs: '1'"), /'epochs' must be a number, not "1"/],
    ['all for validation', `${GOOD}validation: 1\n`, /'validation' must be a part of all examples/],
    ['NaN', `${GOOD}validation: .nan\n`, /'validation' must be/],
    ['a negative seed', `${GOOD}seed: -1\n`, /'seed' must be a whole number from 0/],
    [
      'a recipient who does not take part',
      `${GOOD}reveal: { loss: [a, c] }\n`,
      /^c\.yaml:12:21: there is no party 'c'/,
    ],
    [
      'accuracy without classes',
      `${change('  classes: 2\n', '')}reveal: { accuracy: all }\n`,
      /accuracy is of classes/,
    ],
    ['a label twice', change('classes: 2', 'classes: [x, y, x]'), /the label 'x' is there twice/],
    ['one class', change('classes: 2', 'classes: 1'), /'classes' must be a whole number from 2/],
    [
      'names of columns of arrays',
      change('file: x.csv', 'file: x.npy, columns: [a]'),
      /^c\.yaml:3:48: only the columns of \.csv files have names/,
    ],
    [
      'a column twice',
      change('file: x.csv', 'file: x.csv, columns: [1, 1]'),
      /the column '1' is named twice/,
    ],
    [
      'no columns',
      change('file: x.csv', 'file: x.csv, columns: []'),
      /'?columns'? ?.*must not be empty|must not be empty; leave/,
    ],
    ['a key of a table', change('file: x.csv', 'file: x.csv, key: k'), /a key belongs to/],
    [
      'rows without targets for each',
      change('  features:', '  split: rows\n  features:').replace(
        '{ owner: a, file: x.csv }',
        '[{ owner: a, file: x.csv }, { owner: b, file: z.csv }]',
      ),
      /every file of features has one of targets/,
    ],
    [
      'owners who standardise rows',
      change('  features:', '  split: rows\n  standardize: owner\n  features:'),
      /use 'private'/,
    ],
    [
      'a scaling that is not made',
      change('file: x.csv', 'file: x.csv, scaling: s.csv'),
      /'scaling' is written with/,
    ],
    [
      'a model in a file of pickles',
      `${GOOD}save: { to: a, file: m.pt }\n`,
      /^c\.yaml:12:22: 'm\.pt' must end in \.safetensors or \.npz/,
    ],
    ['a model for nobody', `${GOOD}save: { to: c, file: m.npz }\n`, /^c\.yaml:12:13: there is no party 'c'/],
    [
      'an unknown way to save',
      `${GOOD}save: { to: a, path: m.npz }\n`,
      /unknown entry 'path'|'file' is missing/,
    ],
    ['a checkpoint never', `${GOOD}checkpoint: { file: c, every: 0 }\n`, /'every' must be a whole number/],
    [
      'an unknown setting',
      `${GOOD}protocol: { fractionbits: 12 }\n`,
      /unknown entry 'fractionbits'.*did you mean 'fractionBits'/,
    ],
    ['an impossible setting', `${GOOD}protocol: { tree: bt5 }\n`, /'tree' must be 'by-size', 'bt3' or 'bt4'/],
    ['a prototype', `${GOOD}__proto__: { epochs: 3 }\n`, /unknown entry '__proto__'/],
    ['far too much', `${GOOD}# ${'x'.repeat(2 ** 20)}`, /too long for a config/],
  ];
  for (const [name, text, message] of bad)
    it(`is refused with ${name}`, () => {
      expect(refusal(text)).match(message);
    });
});

function bomb(): string {
  let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
  for (let i = 1; i < 9; i++) text += `a${i}: &a${i} [${new Array(10).fill(`*a${i - 1}`).join(', ')}]\n`;
  return text;
}
