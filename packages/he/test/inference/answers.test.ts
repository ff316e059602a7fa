/** Answers as a hostile server would send them: valid envelopes with contents that were never asked for. */
import { expect } from 'chai';
import { HeClient } from '../../src/client/client.js';
import { outputsOfSlots } from '../../src/client/slots.js';
import { type CompiledModel, compileModel } from '../../src/compile/compile.js';
import { openEnvelope, sealEnvelope } from '../../src/envelope/index.js';
import { HeModel } from '../../src/evaluate/model.js';
import { waveInputs, waveNetwork } from '../helpers/wave-network.js';

const SCALE_AT = 8;
const SIZE_AT = 5;

describe('answers that nobody should believe', function () {
  this.timeout(60_000);
  let compiled: CompiledModel;
  let client: HeClient;
  let sent: Uint8Array[];
  let answer: Uint8Array;

  before(async () => {
    compiled = await compileModel(waveNetwork, {
      inputRange: { low: -1, high: 1 },
      samples: waveInputs(9),
    });
    client = await HeClient.create(compiled.client);
    const model = await HeModel.load(compiled.server);
    sent = await client.encrypt(waveInputs(1)[0] as Float64Array);
    const keys = await model.loadKeys(await client.evaluationKeys());
    [answer] = (await model.evaluate(sent, keys)) as [Uint8Array];
    model.dispose();
  });
  after(() => client.dispose());

  async function withPayload(change: (payload: Uint8Array) => Uint8Array): Promise<Uint8Array> {
    const opened = await openEnvelope(answer, { kind: 'ciphertext' });
    return sealEnvelope({ ...opened, payloads: opened.payloads.map((p) => change(p.slice())) });
  }
  const code = (envelopes: Uint8Array[]) =>
    client.decrypt(envelopes).then(
      () => 'none',
      (error: { code?: string; message: string }) => error.code ?? error.message,
    );

  it('with another scale are no answers: all values would be multiplied', async () => {
    expect(await code([answer])).to.equal('none');
    for (const scale of [5e-324, 1e-300, 2 ** 20, 2 ** 45]) {
      const scaled = await withPayload((payload) => {
        new DataView(payload.buffer).setFloat64(SCALE_AT, scale, true);
        return payload;
      });
      expect(await code([scaled])).to.equal('HE_RESULT');
    }
    for (const scale of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const scaled = await withPayload((payload) => {
        new DataView(payload.buffer).setFloat64(SCALE_AT, scale, true);
        return payload;
      });
      expect(await code([scaled])).to.equal('HE_FORMAT');
    }
  });

  it('of another size are no answers: products that nobody relinearised, the question itself, too many, none', async () => {
    const product = await withPayload((payload) => {
      const head = 48;
      const polynomial = (payload.length - head) / 2;
      const longer = new Uint8Array(payload.length + polynomial);
      longer.set(payload);
      longer[SIZE_AT] = 3;
      return longer;
    });
    expect(await code([product])).to.equal('HE_RESULT');
    expect(await code(sent)).to.equal('HE_RESULT');
    expect(await code([answer, answer])).to.equal('HE_RESULT');
    expect(await code([])).to.equal('HE_RESULT');
  });

  it('that decode to no numbers are no answers', () => {
    const boundary = compiled.client.boundaries.at(-1);
    if (boundary === undefined) throw new Error('a model without boundaries');
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const slots = [new Float64Array(compiled.client.slots).fill(value)];
      expect(() => outputsOfSlots(compiled.client, boundary, slots, 1))
        .to.throw()
        .with.property('code', 'HE_RESULT');
    }
  });
});
