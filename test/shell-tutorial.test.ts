import { expect } from 'chai';

const script = new URL('../scripts/network/shell-tutorial.mjs', import.meta.url);
const { blocksOf, missingLines } = await import(script.href);

describe('tutorials of shell commands', () => {
  it('are read block by block, with whose terminal each is in', () => {
    const text =
      'Words.\n```sh alice\none\ntwo\n```\n\n```sh bob keeps running\nthree\n```\n```text bob\nfour\n```\n```ts\nno\n```\n';
    expect(blocksOf(text)).to.deep.equal([
      { kind: 'sh', who: 'alice', stays: false, text: 'one\ntwo\n' },
      { kind: 'sh', who: 'bob', stays: true, text: 'three\n' },
      { kind: 'text', who: 'bob', stays: false, text: 'four\n' },
    ]);
    expect(blocksOf('')).to.deep.equal([]);
  });

  it('print what they say that they print, in order', () => {
    const printed = 'a (1)\nnoise\nb 27 c  \nd';
    expect(missingLines('a (1)\nb … c\nd\n', printed)).to.equal(undefined);
    expect(missingLines('…\n', printed)).to.equal(undefined);
    expect(missingLines('d\na (1)\n', printed)).to.equal('a (1)');
    expect(missingLines('b\n', printed)).to.equal('b');
    expect(missingLines('a (.)\n', printed)).to.equal('a (.)');
  });
});
