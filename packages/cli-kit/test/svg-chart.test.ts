import { expect } from 'chai';
import fc from 'fast-check';
import { parseFragment, type DefaultTreeAdapterTypes as Tree } from 'parse5';
import { type Chart, page, svgChart } from '../src/page.js';

function* elements(node: Tree.Node): Generator<Tree.Element> {
  if ('tagName' in node) yield node;
  if ('childNodes' in node) for (const child of node.childNodes) yield* elements(child);
}
const textOf = (node: Tree.Node): string =>
  'value' in node ? node.value : 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
const attributeOf = ({ attrs }: Tree.Element, wanted: string): string | undefined =>
  attrs.find(({ name }) => name === wanted)?.value;

function drawn(chart: Chart) {
  const errors: string[] = [];
  const svg = svgChart(chart);
  const all = [...elements(parseFragment(svg, { onParseError: ({ code }) => errors.push(code) }))];
  expect(errors).deep.equal([]);
  return { svg, all, named: (tag: string) => all.filter(({ tagName }) => tagName === tag) };
}

const chart = (changes: Partial<Chart> = {}): Chart => ({
  id: 'loss',
  title: 'Loss',
  unit: '',
  x: [1, 2, 3],
  xLabel: 'epoch',
  series: [{ label: 'training', values: [2, null, 1] }],
  ...changes,
});

describe('a chart as SVG', () => {
  it('has a line a series with gaps, marks that say their values, a title and a description', () => {
    const { named } = drawn(chart());
    const [svg] = named('svg');
    expect(attributeOf(svg, 'role')).equal('img');
    const ids = attributeOf(svg, 'aria-labelledby')?.split(' ');
    expect([...named('title').slice(0, 1), ...named('desc')].map((e) => attributeOf(e, 'id'))).deep.equal(
      ids,
    );
    expect(textOf(named('desc')[0])).equal('Against epoch from 1 to 3. training: from 1 to 2, 1 at the end.');
    expect(named('circle').map(textOf)).deep.equal(['training, epoch 1: 2', 'training, epoch 3: 1']);
    const [line] = named('path').filter((e) => attributeOf(e, 'class') === 'series c0');
    // Two pieces: nothing is drawn across the gap.
    expect(attributeOf(line, 'd')?.match(/M/g)).length(2);
  });

  it('draws histograms in steps, without marks, from zero', () => {
    const { named } = drawn(
      chart({ steps: true, fromZero: true, series: [{ label: 'n', values: [5, 6, 7] }] }),
    );
    expect(named('circle')).length(0);
    const d = attributeOf(named('path').filter((e) => attributeOf(e, 'class') === 'series c0')[0], 'd') ?? '';
    // Level, then straight up or down.
    const points = [...d.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [x, y]);
    points.slice(1).forEach(([x, y], i) => {
      expect(x === points[i][0] || y === points[i][1]).equal(true);
    });
    expect(named('text').map(textOf)).include('0');
  });

  it('is drawn whatever is in it, and stays within its frame', () => {
    const value = fc.option(fc.double({ min: -1e12, max: 1e12, noNaN: true }), { nil: null });
    const anything = fc.record({
      x: fc.uniqueArray(fc.integer({ min: -1e6, max: 1e6 }), { maxLength: 50 }),
      values: fc.array(fc.array(value, { maxLength: 60 }), { maxLength: 9 }),
      label: fc.string({ unit: 'grapheme' }),
      fromZero: fc.boolean(),
      steps: fc.boolean(),
    });
    fc.assert(
      fc.property(anything, ({ x, values, label, ...rest }) => {
        const series = values.map((list) => ({ label, values: list }));
        const sorted = [...x].sort((a, b) => a - b);
        const { svg, all, named } = drawn(
          chart({ ...rest, title: label, xLabel: label, unit: label, x: sorted, series }),
        );
        expect(svg).not.match(/NaN|Infinity|undefined/);
        expect(new Set(all.map(({ tagName }) => tagName))).satisfies((tags: Set<string>) =>
          [...tags].every((tag) => ['svg', 'title', 'desc', 'path', 'text', 'circle'].includes(tag)),
        );
        for (const mark of named('circle')) {
          expect(Number(attributeOf(mark, 'cx'))).within(79, 707);
          expect(Number(attributeOf(mark, 'cy'))).within(11, 217);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('stands in a page that runs nothing', () => {
    const html = page({
      title: 't',
      heading: 'h',
      lead: '',
      facts: [],
      charts: [chart()],
      parts: [],
      footer: '',
    });
    expect(html).include('<section class="chart" id="loss">').and.not.include('<script');
    expect(html).include('default-src &#39;none&#39;').and.not.include('script-src');
  });
});
