/** Weights that a training seldom ends with, but that a file may hold: zeros, almost zeros, numbers out of reach. */

import { expect } from 'chai';
import { HeClient } from '../../src/client/client.js';
import { compileModel } from '../../src/compile/compile.js';
import { HeModel } from '../../src/evaluate/model.js';
import { evaluateNormal } from '../../src/network/normalize.js';
import { squareNetwork, wave, waveInputs } from '../helpers/wave-network.js';

const zeros = (count: number) => new Array<number>(count).fill(0);
const times = (values: number[], factor: number) => values.map((value) => value * factor);
const inputRange = { low: -1, high: 1 };
const [input] = waveInputs(1) as [Float64Array];

const w = wave(128, 1.7);
const v = wave(32, 2.9);
const networks = {
  'a first layer of zeros': squareNetwork({ w: zeros(128) }),
  'a last layer of zeros': squareNetwork({ v: zeros(32) }),
  'zeros alone': squareNetwork({ w: zeros(128), b: zeros(8), v: zeros(32) }),
  'units of zeros': squareNetwork({ w: w.map((value, i) => (i % 8 < 5 ? 0 : value)) }),
  'one weight': squareNetwork({ w: w.map((value, i) => (i === 5 ? value : 0)) }),
  'weights far below the precision': squareNetwork({ w: times(w, 1e-30), b: zeros(8) }),
  'subnormal weights': squareNetwork({ w: times(w, 1e-310), b: zeros(8) }),
};

describe('degenerate weights', function () {
  this.timeout(60_000);

  // In the other mode each value has a ciphertext of its own, so what is zero matters where all values of one are.
  for (const [name, network] of Object.entries(networks))
    for (const mode of name.startsWith('zeros')
      ? (['latency', 'throughput'] as const)
      : (['latency'] as const))
      it(`${name}: the right numbers, ${mode}`, async () => {
        const { server, client: half } = await compileModel(network, { inputRange, mode });
        const client = await HeClient.create(half);
        const model = await HeModel.load(server);
        const keys = await model.loadKeys(await client.evaluationKeys());
        const [output] = await client.decrypt(await model.evaluate(await client.encrypt(input), keys));
        evaluateNormal(server.network, input).forEach((value, k) => {
          expect(output?.[k]).to.be.closeTo(value, 1e-2);
        });
        client.dispose();
        model.dispose();
      });

  for (const [name, network, code, text] of [
    [
      'no number',
      squareNetwork({ w: [Number.NaN, ...w.slice(1)] }),
      'UNSUPPORTED_MODEL',
      /Gemm.*NaN|not a number/s,
    ],
    [
      'infinite',
      squareNetwork({ v: [Number.POSITIVE_INFINITY, ...v.slice(1)] }),
      'HE_MODEL',
      /MatMul.*Infinity/,
    ],
    ['enormous', squareNetwork({ w: times(w, 1e30) }), 'HE_PLAN', /MatMul.* may reach .*e\+62.*no room/],
  ] as const)
    it(`a weight that is ${name} is refused when the model is compiled`, async () => {
      const error = await compileModel(network, { inputRange }).catch((thrown: Error) => thrown);
      expect(error).to.have.property('code', code);
      expect(error).to.have.property('message').that.matches(text);
    });
});
