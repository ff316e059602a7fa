/**
 * Random numbers that nobody knows: uniform, normal, or bits of a given probability (distributions.ts).
 *
 *     free     u, v: words that each party expands from its own seed; their sums mod 2^64 are uniform for whoever does
 *              not know all summands
 *     dealt    f(u, v), the sample: all parties but the last expand their share, the last gets a correction
 *
 * The dealer, which knows all seeds and receives no message, computes the sample. A party sees its own summands of u and
 * v, which are independent of the sums, and its share of the sample; so do all parties but one together. Each number of
 * an operation has words of its own, so that numbers are independent of one another and of all masks.
 *
 * Nothing is opened. Rounds 0; bytes 0; dealer 8 an element.
 */
import { sizeOf } from '@tacit/ring';
import { defineProtocol } from '../definition/protocol.js';
import { type Distribution, formOf, MOST_BITS, type SampleForm, sample } from '../distributions.js';
import { type Field, Layout } from '../runtime/layout.js';
import type { Session } from '../runtime/session.js';
import type { Share } from '../runtime/share.js';

interface Fields {
  readonly layout: Layout;
  readonly u: Field;
  /** Of normal variables. */
  readonly v?: Field;
  readonly y: Field;
}

const oneWord = new Layout();
const ONE_WORD: Fields = { layout: oneWord, u: oneWord.freeWords('u'), y: oneWord.words('y') };
const twoWords = new Layout();
const TWO_WORDS: Fields = {
  layout: twoWords,
  u: twoWords.freeWords('u'),
  v: twoWords.freeWords('v'),
  y: twoWords.words('y'),
};

/**
 * Numbers that are drawn independently of each other, as words.
 * @throws RangeError for bits or a probability that are out of range
 */
export const random = (session: Session, shape: readonly number[], distribution: Distribution): Share =>
  randomProtocol.run(session, { shape, n: sizeOf(shape), parameters: formOf(distribution) });

export const randomProtocol = defineProtocol<SampleForm, Fields>({
  kind: 'random',
  elementwise: true,
  parameters(request) {
    const kind = request.text('sample', 16);
    if (!isKind(kind)) return request.fail(`there is no distribution '${kind}'`);
    const most = kind === 'bernoulli' ? 2 ** MOST_BITS.bernoulli : MOST_BITS[kind];
    return { sample: kind, amount: request.whole('amount', 0, most) };
  },
  fields: ({ sample: kind }) => (kind === 'normal' ? TWO_WORDS : ONE_WORD),
  rounds: () => 0,
  opens: () => [],
  async party(op, { out, fields: { y } }) {
    await op.dealt();
    op.eachBlock((block) => out.set(op.shareInScratch(y, block), block.start));
  },
  dealer(op, form, { u, v, y }) {
    op.eachBlock((block) => {
      const words = op.freeInScratch(u, block);
      sample(op.ring, form, words, v ? op.freeInScratch(v, block) : words);
      op.deal(y, words, block);
    });
  },
  examples: {
    'random number': (s, { x }) => random(s, x.shape, { kind: 'uniform', bits: 16 }),
    'normal random number': (s, { x }) => random(s, x.shape, { kind: 'normal', bits: 16 }),
    'random bit': (s, { x }) => random(s, x.shape, { kind: 'bernoulli', probability: 0.3 }),
  },
});

const isKind = (kind: string): kind is Distribution['kind'] => Object.hasOwn(MOST_BITS, kind);
