import { HeModelError } from '@tacit/he/network';
import { expect } from 'chai';
import {
  batchNormOf,
  buildEncodedNetwork,
  decryptTensor,
  EncodedBatchNorm,
  encodedNetworkOf,
  encryptTensor,
  exportTensor,
  HeReencryptionError,
  importTensor,
  LocalReencryptionPeer,
  type ReencryptionPeer,
} from '../../src/layers/index.js';
import { largestDifference, numbers, type Pair, smallBfv, smallCkks } from './helpers.js';
import { NORM, tinyModel } from './tiny-model.js';

const RANGE = { low: -1, high: 1 };

/** Remembers what it was sent. */
class Curious implements ReencryptionPeer {
  readonly seen: Float64Array[] = [];
  constructor(private readonly pair: Pair<object>) {}
  async reencrypt(ciphertexts: readonly Uint8Array[]): Promise<Uint8Array[]> {
    const { holder } = this.pair;
    return ciphertexts.map((bytes) => {
      this.seen.push(holder.decrypt(bytes));
      return holder.reencrypt(bytes);
    });
  }
}

async function run<C extends object>(
  { holder, arithmetic }: Pair<C>,
  onnx: Uint8Array,
  images: readonly Float64Array[],
  options: Parameters<typeof buildEncodedNetwork>[1] = {},
) {
  const network = buildEncodedNetwork(onnx, options);
  const input = importTensor(arithmetic, encryptTensor(holder, images, network.inputShape, RANGE));
  const states: { layer: string; level?: number; budget?: number; error: number }[] = [];
  const plain = images.map((image) => {
    const values: Float64Array[] = [];
    network.plain(image, (value) => values.push(value));
    return values;
  });
  const output = await network.forward(input, {
    onLayer: (step) => {
      const tensor = exportTensor(step.output);
      const values = decryptTensor(holder, tensor);
      const first = tensor.elements.find((element) => typeof element === 'object');
      states.push({
        layer: step.layer.name,
        level: step.output.state?.level,
        budget: first === undefined ? undefined : holder.noiseBudget(first),
        error: Math.max(...values.map((value, i) => largestDifference(value, plain[i][step.index]))),
      });
    },
  });
  input.dispose();
  output.dispose();
  return states;
}

describe('encoded networks', () => {
  it('keep the order and the names of the file', () => {
    const network = buildEncodedNetwork(tinyModel());
    expect(network.layers.map(({ name, kind }) => `${name}: ${kind}`)).to.deep.equal([
      'conv: Conv2d',
      'square0: Square',
      'pool: AvgPool2d',
      'flatten: Flatten',
      'fc: Linear',
    ]);
    expect(network.outputShape).to.deep.equal([1, 2]);
  });

  it('have batch normalisation in the layer before it, or as a layer of its own', () => {
    const [normed, own] = [{ batchNorm: true }, { batchNorm: true, normFirst: true }].map((options) =>
      buildEncodedNetwork(tinyModel(options)),
    );
    expect(normed.layers.map(({ kind }) => kind)).to.not.include('BatchNorm');
    expect(own.layers.map(({ kind }) => kind)).to.include('BatchNorm');
    const image = numbers(16);
    const { scale, shift } = batchNormOf(NORM);
    const plane = new EncodedBatchNorm({ scale, shift });
    const conv = buildEncodedNetwork(tinyModel()).layers[0].plain(image, [1, 1, 4, 4]);
    expect(
      largestDifference(normed.layers[0].plain(image, [1, 1, 4, 4]), plane.plain(conv, [1, 2, 2, 2])),
    ).to.be.below(1e-6);
  });

  it('name the layer that ciphertexts can not compute', () => {
    expect(() => buildEncodedNetwork(tinyModel({ relu: true })))
      .to.throw('Layer relu is a Relu')
      .with.property('code', 'HE_MODEL');
  });

  it('refuse branches and several outputs by name', () => {
    const end = (name: string) => ({ name, shape: [1, 2] });
    const node = (op: string, inputs: string[], output: string) =>
      ({ name: `layer ${output}`, op, inputs, outputs: [output], attributes: {} }) as never;
    const nodes = [node('Neg', ['x'], 'a'), node('Add', ['a', 'x'], 'b')];
    const shapes = new Map(['x', 'a', 'b'].map((name) => [name, [1, 2]]));
    const graph = { inputs: [end('x')], nodes, parameters: new Map(), shapes };
    expect(() => encodedNetworkOf({ ...graph, outputs: [end('b')] })).to.throw(HeModelError, /layer b joins/);
    expect(() => encodedNetworkOf({ ...graph, outputs: [end('a'), end('b')] })).to.throw(
      HeModelError,
      /2 outputs \(a, b\).*extract_model/,
    );
  });

  it('refuse positions that are none', () => {
    expect(() => buildEncodedNetwork(tinyModel(), { reencryptAt: [5] })).to.throw('the layers are 0 to 4');
    expect(() => buildEncodedNetwork(tinyModel(), { reencryptAt: [1] })).to.throw('peer');
  });

  describe('in CKKS', () => {
    let pair: Pair<object>;
    before(async () => {
      pair = (await smallCkks({ ringDegree: 8192 })) as Pair<object>;
    });
    after(() => pair.dispose());

    it('compute a batch of images', async () => {
      const states = await run(pair, tinyModel(), [numbers(16, 3), numbers(16, 4)]);
      expect(Math.max(...states.map(({ error }) => error))).to.be.below(1e-3);
      // Convolution, square and linear layer use a level each; the pool and flattening none.
      expect(states.map(({ level }) => level)).to.deep.equal([5, 4, 4, 4, 3]);
    });

    it('get all levels back by a re-encryption that shows nothing', async () => {
      const peer = new Curious(pair);
      const images = [numbers(16, 3)];
      const states = await run(pair, tinyModel({ squares: 2 }), images, { reencryptAt: [2], peer });
      expect(states.map(({ level }) => level)).to.deep.equal([5, 4, 6, 5, 5, 5, 4]);
      expect(Math.max(...states.map(({ error }) => error))).to.be.below(1e-3);
      expect(peer.seen).to.have.length(8);
      // What the client decrypts is as large as the modulus that was left, not as large as activations.
      for (const values of peer.seen) expect(Math.abs(values[0])).to.be.above(2 ** 40);
    });

    it('refuse a re-encryption without room for the mask', async () => {
      const peer = new Curious(pair);
      const options = { reencryptAt: [4], peer, statisticalBits: 80 };
      const onnx = tinyModel({ squares: 3 });
      let refused: unknown;
      await run(pair, onnx, [numbers(16)], options).catch((error: unknown) => {
        refused = error;
      });
      expect(refused).to.be.instanceOf(HeReencryptionError);
      expect(String(refused)).to.include('reencrypt before pool').and.include('leakActivations');
      expect(peer.seen).to.have.length(0);
      const states = await run(pair, onnx, [numbers(16)], { ...options, leakActivations: true });
      expect(states.at(-1)?.error).to.be.below(1e-2);
    });

    it('refuse answers that are no fresh ciphertexts', async () => {
      const { holder } = pair;
      for (const answer of [
        (bytes: Uint8Array) => bytes,
        (bytes: Uint8Array) => bytes.slice(1),
        () => holder.encrypt([1]),
      ]) {
        const peer = { reencrypt: async (sent: readonly Uint8Array[]) => sent.map(answer) };
        let refused: unknown;
        await run(pair, tinyModel(), [numbers(16)], { reencryptAt: [1], peer }).catch((error: unknown) => {
          refused = error;
        });
        // A fresh ciphertext of something else is one that nobody can tell from the right one.
        if (answer.length > 0)
          expect(refused).to.have.property('code').that.is.oneOf(['HE_REENCRYPT', 'HE_FORMAT']);
      }
    });
  });

  describe('in BFV', () => {
    let pair: Pair<object>;
    before(async () => {
      pair = (await smallBfv({ ringDegree: 8192, plainModulus: 1n << 24n })) as Pair<object>;
    });
    after(() => pair.dispose());

    it('compute an image, and get the noise budget back by a re-encryption that shows nothing', async () => {
      const peer = new Curious(pair);
      const states = await run(pair, tinyModel(), [numbers(16, 3)], { reencryptAt: [2], peer });
      expect(Math.max(...states.map(({ error }) => error))).to.be.below(1e-2);
      const budgets = states.map(({ budget }) => budget ?? 0);
      expect(budgets[1]).to.be.below(budgets[0] - 20);
      expect(budgets[2]).to.be.above(budgets[0]);
      expect(peer.seen).to.have.length(8);
      for (const values of peer.seen) expect(Math.abs(values[0]) < 2 ** 40).to.equal(false);
    });

    it('never have less budget than the model of the noise says', async () => {
      const { holder, arithmetic } = pair;
      const network = buildEncodedNetwork(tinyModel());
      const input = importTensor(arithmetic, encryptTensor(holder, [numbers(16)], [1, 1, 4, 4], RANGE));
      const output = await network.forward(input, {
        onLayer: ({ output: tensor }) => {
          const modelled = tensor.state?.modelledNoiseBudget ?? 0;
          for (const element of exportTensor(tensor).elements)
            if (typeof element === 'object') {
              const measured = holder.noiseBudget(element) ?? 0;
              expect(measured).to.be.at.least(Math.floor(modelled));
              expect(measured).to.be.below(modelled + 40);
            }
        },
      });
      output.dispose();
      input.dispose();
    });
  });
});

describe('a local peer', () => {
  it('re-encrypts exactly', async () => {
    const pair = (await smallCkks()) as Pair<object>;
    const bytes = pair.holder.encrypt([0.5, -0.25]);
    const [fresh] = await new LocalReencryptionPeer(pair.holder).reencrypt([bytes]);
    expect(largestDifference(pair.holder.decrypt(fresh).subarray(0, 3), [0.5, -0.25, 0])).to.be.below(1e-4);
    expect(fresh).to.not.deep.equal(bytes);
    pair.dispose();
  });
});
