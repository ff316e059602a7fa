/** Watches what parties open and which random fields they read for it, from inside of the openings. */
import { PartyOp } from '../../src/runtime/party-op.js';
import { type OpId, Prg } from '../../src/runtime/prg.js';

export interface Opening {
  readonly rank: number;
  /** Operation and opening, the same at all parties. */
  readonly key: string;
  readonly name: string;
  /** Bits of a word that are opened; 0 for planes. */
  readonly bits: number;
  /** Whether messages are XORed, as masks that they were read with are, and not added up. */
  xor: boolean;
  /** Words of masks that are needed: one for each opened word or word of planes. */
  opened: number;
  /** Words of the party's streams that were read for it and are not shares of dealt values, by stream and place. */
  readonly masks: Map<string, number>;
  /** This party's message, before packing. */
  readonly message: bigint[];
  /** What everybody learns. */
  result: BigUint64Array;
}

/** Runs f and returns all openings in the order of their beginning. */
export async function openingsOf(f: () => Promise<unknown>): Promise<Opening[]> {
  const { openWords, openWhole, openPlanes, openPlaneSummands, tellWords } = PartyOp.prototype;
  const { fill, into } = Prg.prototype;
  const log: Opening[] = [];
  let current: { readonly op: PartyOp; readonly opening: Opening } | undefined;
  type Produce = Parameters<PartyOp['openWords']>[2];
  /** `produce`, watched as the message of a new opening. */
  const watched = (op: PartyOp, name: string, bits: number, produce: Produce): Produce => {
    const key = `${op.key}/${name}`;
    const opening: Opening = {
      rank: op.rank,
      key,
      name,
      bits,
      xor: bits === 0,
      opened: 0,
      masks: new Map(),
      message: [],
      result: new BigUint64Array(),
    };
    log.push(opening);
    return (block, out) => {
      current = { op, opening };
      produce(block, out);
      current = undefined;
      opening.opened += out.length;
      const low = bits === 0 ? 64 : bits;
      for (const word of out) opening.message.push(BigInt.asUintN(low, word));
    };
  };
  const note = (id: OpId, field: number, offset: number, length: number) => {
    if (!current || current.op.layout.fields[field].dealt) return;
    if (current.op.layout.fields[field].xor) current.opening.xor = true;
    current.opening.masks.set(`${current.op.rank}/${id.scope}/${id.index}/${field}/${offset}`, length);
  };
  Prg.prototype.fill = function (out, id, field, offset) {
    fill.call(this, out, id, field, offset);
    note(id, field, offset, out.length);
  };
  Prg.prototype.into = function (out, how, id, field, offset) {
    into.call(this, out, how, id, field, offset);
    note(id, field, offset, out.length);
  };
  PartyOp.prototype.openWhole = function (name, produce, keep, fold) {
    return openWhole.call(this, name, watched(this, name, 64, produce), keep, fold);
  };
  PartyOp.prototype.openWords = function (name, bits, produce) {
    // Whole words are opened by openWhole.
    return openWords.call(this, name, bits, bits === 64 ? produce : watched(this, name, bits, produce));
  };
  PartyOp.prototype.openPlanes = function (name, planes, produce, after) {
    return openPlanes.call(this, name, planes, watched(this, name, 0, produce), after);
  };
  PartyOp.prototype.openPlaneSummands = function (name, produce) {
    return openPlaneSummands.call(this, name, watched(this, name, 0, produce));
  };
  // A message to one party is all that it learns.
  PartyOp.prototype.tellWords = function (peer, name, produce) {
    tellWords.call(this, peer, name, watched(this, name, 64, produce));
  };
  try {
    await f();
  } finally {
    Object.assign(PartyOp.prototype, { openWords, openWhole, openPlanes, openPlaneSummands, tellWords });
    Object.assign(Prg.prototype, { fill, into });
  }
  addUp(log);
  return log;
}

/** What everybody learns is what the messages of all parties add up to, or their XOR. */
function addUp(log: Opening[]): void {
  const byKey = new Map<string, Opening[]>();
  for (const opening of log) byKey.set(opening.key, [...(byKey.get(opening.key) ?? []), opening]);
  for (const openings of byKey.values()) {
    const { bits, xor, message } = openings[0];
    const result = BigUint64Array.from(message, (_, i) => {
      const words = openings.map((o) => o.message[i]);
      const sum = words.reduce((a, b) => (xor ? a ^ b : a + b));
      return BigInt.asUintN(bits === 0 ? 64 : bits, sum);
    });
    for (const opening of openings) opening.result = result;
  }
}
