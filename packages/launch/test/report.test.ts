/** The page of a training: what is on it, that nothing of a record becomes part of it, and which files are refused. */
import { expect } from 'chai';
import { parse, type DefaultTreeAdapterTypes as Tree } from 'parse5';
import { reportPage } from '../src/report/page.js';
import { parseRun, RUN_HEADER, type TrainRun } from '../src/train/run-file.js';

const traffic = { rounds: 12, bytesSent: [1500, 2_500_000], dealerBytes: [0, 10] };

const run = (changes: Partial<TrainRun> = {}): TrainRun => ({
  ...RUN_HEADER,
  release: '1.2.3',
  configFile: 'loans.yaml',
  parties: ['clinic', 'insurer'],
  startedAt: '2026-01-01T00:00:00.000Z',
  totalMs: 61_234,
  seed: 7,
  resumedAfter: 0,
  config: { epochs: 2 },
  protocol: { fractionBits: 16 },
  transport: 'threads',
  data: { rows: 40, training: 30, validation: 10, example: [4], target: [2], batch: 8, steps: 4 },
  model: { parameters: 1234, trained: 1234, outputShape: [8, 2] },
  step: {
    rounds: 20,
    bytes: 5000,
    dealerBytes: 60_000,
    parts: [
      {
        name: '0',
        type: 'Linear',
        outputShape: [8, 2],
        parameters: 1234,
        rounds: 1,
        bytes: 5000,
        dealerBytes: 1,
      },
      { name: 'loss', type: '', outputShape: [], parameters: 0, rounds: 19, bytes: 0, dealerBytes: 2 },
    ],
  },
  setup: { ...traffic, ms: 100 },
  epochs: [
    { epoch: 1, loss: 0.75, accuracy: 0.5, ms: 1200, ...traffic },
    { epoch: 2, loss: 0.5, accuracy: 0.875, ms: 900, ...traffic },
  ],
  operations: [{ name: 'relu', count: 1000, rounds: 3000, bytes: 123_456, ms: 12 }],
  revealed: [{ what: 'mean loss', to: 'all parties', when: 'after each epoch' }],
  ...changes,
});

function* elements(node: Tree.Node): Generator<Tree.Element> {
  if ('tagName' in node) yield node;
  if ('childNodes' in node) for (const child of node.childNodes) yield* elements(child);
}
const textOf = (node: Tree.Node): string =>
  'value' in node ? node.value : 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';

function page(record: TrainRun, name = 'run.json') {
  const html = reportPage(record, name);
  const errors: string[] = [];
  const document = parse(html, { onParseError: ({ code }) => errors.push(code) });
  expect(errors).deep.equal([]);
  const all = [...elements(document)];
  const named = (tag: string) => all.filter(({ tagName }) => tagName === tag);
  const tables = named('table').map((table) =>
    [...elements(table)].filter(({ tagName }) => tagName === 'tr').map((row) => row.childNodes.map(textOf)),
  );
  return { html, all, named, tables };
}

describe('the page of a training', () => {
  it('has everything as tables, without a script', () => {
    const { tables, named } = page(run());
    const [epochs, revealed, step, operations] = tables;
    expect(tables).length(4);
    expect(epochs[2]).deep.equal(['2', '0.5000', '87.5 %', '', '', '900 ms', '12', '2.50 MB', '10 B']);
    expect(revealed[1]).deep.equal(['mean loss', 'all parties', 'after each epoch']);
    expect(step[1]).deep.equal(['0 (Linear)', '[8, 2]', '1,234', '1', '5.00 kB', '1 B']);
    expect(step.at(-1)).deep.equal(['all', '', '', '20', '5.00 kB', '60.0 kB']);
    expect(operations[1]).deep.equal(['relu', '1,000', '3,000', '123 kB', '12 ms']);
    expect(textOf(named('pre')[0])).include('"fractionBits": 16');
    expect(textOf(named('dl')[0]))
      .include('87.5 %')
      .and.include('61.2 s');
  });

  it('loads nothing from anywhere, and runs no script', () => {
    const { all, named } = page(run());
    for (const { attrs } of all)
      for (const { name, value } of attrs) {
        if (['src', 'href', 'action', 'srcset', 'data'].includes(name)) expect(value).equal('data:,');
        expect(name).not.match(/^on|^style$/);
      }
    expect(named('script')).length(0);
    const [policy] = named('meta').flatMap(({ attrs }) =>
      attrs.some(({ value }) => value === 'Content-Security-Policy')
        ? attrs.filter(({ name }) => name === 'content').map(({ value }) => value)
        : [],
    );
    expect(policy)
      .match(/^default-src 'none';/)
      .and.not.include('script-src');
    for (const style of named('style')) expect(textOf(style)).not.match(/url\(|@import/);
  });

  it('shows names as names, whatever is in them', () => {
    const evil = [
      '</script><script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      '"><svg onload=alert(1)>',
      "' onmouseover='alert(1)",
      '<!--',
      ']]>',
      '</style><style>*{display:none}',
      '</pre></main><iframe>',
      '&lt;script&gt;&#60;',
      `$\{alert(1)}`,
      '\u202Egnp.exe\u0000\u001B[31m',
    ];
    const plain = page(run());
    for (const text of evil) {
      const record = run({
        release: text,
        configFile: text,
        parties: [text, `${text}2`],
        party: text,
        startedAt: text,
        transport: text,
        config: { [text]: text },
        protocol: { [text]: [text] },
        operations: [{ name: text, count: 1, rounds: 1, bytes: 1, ms: 1 }],
        revealed: [{ what: text, to: text, when: text }],
        step: { ...run().step, parts: [{ ...run().step.parts[0], name: text, type: text }] },
      });
      const { all, named, tables, html } = page(record, text);
      const count = (of: Tree.Element[], tag: string) => of.filter(({ tagName }) => tagName === tag).length;
      for (const tag of [
        'script',
        'style',
        'img',
        'svg',
        'iframe',
        'meta',
        'section',
        'pre',
        'main',
        'table',
      ])
        expect(count(all, tag), `${tag} with ${text}`).equal(count(plain.all, tag));
      for (const { attrs } of all) for (const { name } of attrs) expect(name).not.match(/^on/);
      const shown = text.replaceAll(
        /(?!\n)[\p{Cc}\p{Bidi_Control}]/gu,
        (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
      expect(tables[3][1][0]).equal(shown);
      expect(textOf(named('title')[0])).equal(`Training: ${shown}`);
      expect(html).not.match(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u);
    }
  });

  it('draws a curve of everything that was told, by epoch', () => {
    const { named } = page(run({ epochs: [...run().epochs, { epoch: 3, ms: 5, ...traffic }] }));
    const legends = named('svg').map((svg) => {
      const texts = [...elements(svg)].filter(
        ({ tagName, attrs }) =>
          tagName === 'text' && attrs.some(({ name, value }) => name === 'class' && value === 'tick'),
      );
      return texts.map(textOf);
    });
    expect(legends).deep.equal([['training'], ['training'], ['time'], ['clinic', 'insurer']]);
    const descriptions = named('desc').map(textOf);
    expect(descriptions[0]).equal('Against epoch from 1 to 3. training: from 0.5 to 0.75, 0.5 at the end.');
    expect(descriptions[1]).equal(
      'Against epoch from 1 to 3. training: from 50 % to 87.5 %, 87.5 % at the end.',
    );
    // The third epoch told nothing.
    const marks = [...elements(named('svg')[0])].filter(({ tagName }) => tagName === 'circle').map(textOf);
    expect(marks).deep.equal(['training, epoch 1: 0.75', 'training, epoch 2: 0.5']);
  });

  it('is made of a training that told nothing, of one epoch and of none', () => {
    const told = { epoch: 1, ms: 1, ...traffic };
    expect(page(run({ epochs: [told] })).tables[0]).length(2);
    expect(page(run({ epochs: [], operations: [], revealed: [] })).tables[0]).length(1);
    const own = run({
      epochs: [{ ...told, bytesSent: [null, 5], dealerBytes: [null, 5] }],
      party: 'insurer',
    });
    expect(textOf(page(own).all[0])).include('As insurer saw it');
  });
});

describe('the record of a training', () => {
  const refused: readonly [string, string, RegExp][] = [
    ['nothing', '', /^run\.json is not JSON, or it is cut off/],
    ['something cut off', JSON.stringify(run()).slice(0, 200), /is not JSON, or it is cut off/],
    ['a number', '7', /is not the record of a training/],
    ['null', 'null', /is not the record of a training/],
    ['the report of a prediction', '{"outputShape":[1],"rounds":3}', /is not the record of a training/],
    [
      'another version',
      JSON.stringify({ ...run(), version: 99 }),
      /is of version 99, and this release reads 1/,
    ],
    ['a missing part', JSON.stringify({ ...run(), epochs: undefined }), /is damaged at epochs/],
    ['a text for a number', JSON.stringify({ ...run(), totalMs: '<b>' }), /is damaged at totalMs/],
    [
      'damage deep inside',
      JSON.stringify(run()).replace('"rounds":12', '"rounds":-1'),
      /is damaged at (setup|epochs)/,
    ],
    [
      'a number that is none',
      JSON.stringify(run()).replace('"loss":0.75', '"loss":1e999'),
      /is damaged at epochs\.0\.loss/,
    ],
  ];
  for (const [name, text, message] of refused)
    it(`is not ${name}`, () => {
      expect(() => parseRun(text, 'run.json'))
        .throw(message)
        .include({ code: 'RUN_FILE' });
    });

  it('may be of a later release of the same version, with more in it', () => {
    expect(parseRun(JSON.stringify({ ...run(), more: 1 }), 'r')).deep.equal(run());
  });
});
