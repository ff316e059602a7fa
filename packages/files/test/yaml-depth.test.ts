import { expect } from 'chai';
import { yamlTooDeepAt } from '../src/index.js';

describe('the depth of YAML', () => {
  const shallow: readonly [what: string, text: string][] = [
    ['nothing', ''],
    ['many lists behind one another', 'a: [1, [2], {b: 3}]\n'.repeat(1000)],
    ['long lines of spaces', `a: 1\n${' '.repeat(1000)}\n`],
    ['64 brackets', '['.repeat(64)],
    ['dashes within words', `a: ${'b-c-'.repeat(100)}`],
    ['brackets that close more than was open', `${']'.repeat(100)}${'['.repeat(64)}`],
  ];
  for (const [what, text] of shallow)
    it(`${what} is not too much`, () => expect(yamlTooDeepAt(text)).equal(undefined));

  const deep: readonly [what: string, text: string, at: number][] = [
    ['brackets', `a: 1\nb: ${'['.repeat(65)}`, 8 + 64],
    ['braces and brackets', '{a: ['.repeat(33), 5 * 32],
    ['brackets over lines', '[\n'.repeat(100), 2 * 64],
    ['lists in lists', '- '.repeat(65), 2 * 64],
    ['explicit keys', `a\n${'? '.repeat(65)}`, 2 + 2 * 64],
    ['indentation', `a:\n${' '.repeat(201)}b: 1`, 3 + 201],
  ];
  for (const [what, text, at] of deep)
    it(`${what} without end are told by their place`, () => expect(yamlTooDeepAt(text)).equal(at));
});
