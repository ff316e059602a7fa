/**
 * A last party that follows the protocol but for one request to the dealer: it asks for an operation that the program
 * does not have, under a number that the program uses for another one. What it gets must be noise to it.
 */
import { expect } from 'chai';
import { CORRECTION, decodeRequest, encodeRequest, REQUEST } from '../src/dealer/messages.js';
import type { LiveSession, Session } from '../src/index.js';
import { shareInput } from '../src/protocols/input.js';
import { maskOnce } from '../src/protocols/mask.js';
import { productForm } from '../src/protocols/product-form.js';
import { reveal } from '../src/protocols/reveal.js';
import { squareMasked } from '../src/protocols/square.js';
import type { OpId } from '../src/runtime/prg.js';
import { matmul } from './helpers/numbers.js';
import { runParties, signed, words } from './helpers/parties.js';

const secret = words([3141592653n, -271828n, 1n, 0n, -1n, 42n, 7777777n, -123456789n]);
const n = secret.length;

/** A product over no terms: its C is zero, so the correction is what the streams of the other parties add up to. */
function productOfNothing(parties: number): string {
  const holders = Array.from({ length: parties }, (_, rank) => rank);
  const ref = { id: { index: 999, scope: '' }, n: 0, holders, views: [] };
  const f = matmul(n, 0, 1);
  return JSON.stringify({ kind: 'linear', n, f, shape: [n, 1], x: ref, y: ref });
}

/** Operation 0: a secret of party 0. Operation 1: its mask, which nobody deals. Operation 2: its square, which is dealt. */
async function squares(session: Session) {
  const x = shareInput(session, 0, [n], session.rank === 0 ? secret : undefined);
  const masked = maskOnce(session, x);
  const square = squareMasked(session, masked);
  const [share, factor] = [(await square.value).slice(), (await masked.value).slice()];
  return { share, factor, told: signed((await reveal(session, square, 0)) ?? words([])) };
}

/** What the correction of an operation would say about the streams of the other parties: their sum. */
async function confess(session: LiveSession, { index }: OpId): Promise<bigint[]> {
  const payload = await session.comm.receive(session.parties, CORRECTION + index);
  const correction = new BigUint64Array(payload.buffer as ArrayBuffer, payload.byteOffset, n);
  return Array.from(correction, (v) => BigInt.asUintN(64, -v));
}

/** Where two lists agree: of 64-bit numbers nowhere, unless one was made from the other. */
const places = (found: readonly bigint[], wanted: readonly bigint[]): number =>
  wanted.filter((v, i) => BigInt.asUintN(64, v - found[i]) === 0n).length;

for (const parties of [2, 3])
  describe(`a last party that confuses the dealer, ${parties} parties`, () => {
    const last = parties - 1;
    const request = productOfNothing(parties);
    const { k, extraBits } = productForm(parties);

    it('by a request under the number of a mask, gets noise', async () => {
      const mask = { scope: '', index: 1 };
      const { results } = await runParties(parties, async (session) => {
        if (session.rank === last) session.comm.send(parties, REQUEST, encodeRequest(mask, request));
        const { told, factor } = await squares(session);
        if (session.rank !== last) return { told, found: [] };
        const others = await confess(session, mask);
        const own = new BigUint64Array(n);
        session.prg.fill(own, mask, 0, 0);
        // X = E + sum A, and this party's factor is l E + A_last with l = -1.
        return { told, found: others.map((sum, i) => own[i] - factor[i] + sum + own[i]) };
      });
      expect(results[0].told).deep.equal(
        signed(secret).map((v) => BigInt.asIntN(64, (v * v) << BigInt(extraBits))),
      );
      expect(places(results[last].found, [...secret])).equal(0);
    });

    it('by another request in place of that of the program, gets noise', async () => {
      const { results } = await runParties(parties, async (session) => {
        if (session.rank === last) {
          const { outbox } = session;
          const put = outbox.put.bind(outbox);
          outbox.put = (to, key, payload) => {
            const id = key === REQUEST ? decodeRequest(payload).id : undefined;
            // The square is not dealt then; a correction as long as its own follows.
            put(to, key, id?.index === 2 ? encodeRequest(id, request) : payload);
          };
        }
        const { randomness } = session;
        const take = randomness.take.bind(randomness);
        let found: bigint[] = [];
        randomness.take = async (key, bytes) => {
          const payload = await take(key, bytes);
          const correction = new BigUint64Array(payload.buffer as ArrayBuffer, payload.byteOffset, n);
          found = Array.from(correction, (v) => BigInt.asUintN(64, -v));
          return payload;
        };
        const { share, factor } = await squares(session);
        // A party's share of C: what it adds to its product.
        const added = Array.from(share, (v, i) => v - k[session.rank] * factor[i] * factor[i]);
        return { added, found };
      });
      const others = results.slice(0, last).map(({ added }) => added);
      const sums = Array.from({ length: n }, (_, i) => others.reduce((sum, list) => sum + list[i], 0n));
      expect(results[last].found.length).equal(n);
      expect(places(results[last].found, sums)).equal(0);
    });
  });
