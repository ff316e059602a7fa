/** Watches what parties open and which random fields they read for it, from inside of the openings. */
import { PartyOp } from '../../src/runtime/party-op.js';

export interface Opening {
  readonly rank: number;
  /** Operation and opening, the same at all parties. */
  readonly key: string;
  readonly name: string;
  /** Bits of a word that are opened; 0 for planes. */
  readonly bits: number;
  /** Words of masks that are needed: one for each opened word or word of planes. */
  opened: number;
  /** Words of free fields that were read for it, by field and place. */
  readonly masks: Map<string, number>;
  /** This party's message, before packing. */
  readonly message: bigint[];
  /** What everybody learns. */
  result: BigUint64Array;
}

/** Runs f and returns all openings in the order of their beginning. */
export async function openingsOf(f: () => Promise<unknown>): Promise<Opening[]> {
  const { openWords, openPlanes, share } = PartyOp.prototype;
  const log: Opening[] = [];
  let current: Opening | undefined;
  type Produce = Parameters<PartyOp['openWords']>[2];
  const watched = async (
    op: PartyOp,
    name: string,
    bits: number,
    produce: Produce,
    open: (produce: Produce) => Promise<BigUint64Array>,
  ) => {
    const key = `${op.key}/${name}`;
    const opening: Opening = {
      rank: op.rank,
      key,
      name,
      bits,
      opened: 0,
      masks: new Map(),
      message: [],
      result: new BigUint64Array(),
    };
    log.push(opening);
    const result = await open((block, out) => {
      current = opening;
      produce(block, out);
      current = undefined;
      opening.opened += out.length;
      const low = bits === 0 ? 64 : bits;
      for (const word of out) opening.message.push(BigInt.asUintN(low, word));
    });
    opening.result = result.slice();
    return result;
  };
  PartyOp.prototype.share = function (field, out, block) {
    share.call(this, field, out, block);
    if (field.dealt) return;
    const place = `${this.rank}/${this.id.scope}/${this.id.index}/${field.index}/${this.chunk.start + block.start}`;
    current?.masks.set(place, out.length);
  };
  PartyOp.prototype.openWords = function (name, bits, produce) {
    return watched(this, name, bits, produce, (p) => openWords.call(this, name, bits, p));
  };
  PartyOp.prototype.openPlanes = function (name, planes, produce) {
    return watched(this, name, 0, produce, (p) => openPlanes.call(this, name, planes, p));
  };
  try {
    await f();
  } finally {
    Object.assign(PartyOp.prototype, { openWords, openPlanes, share });
  }
  return log;
}
