/** Every operation of the registry as an encoded layer: what the plain value is, or refused by name. */
import { allDefinitions, evaluatePlain } from '@tacit/graph';
import { HeModelError } from '@tacit/he/network';
import { exampleGraphs } from '@tacit/testing/examples';
import { expect } from 'chai';
import { encodedNetworkOf } from '../../src/layers/build.js';
import { HeLayerError } from '../../src/layers/errors.js';

describe('encoded layers of every operation', () => {
  const supported: string[] = [];

  for (const definition of allDefinitions().filter(({ publicOnly }) => !publicOnly))
    it(definition.op, () => {
      for (const { graph, x, name } of exampleGraphs(definition, [[], ['Neg'], ['Square']], [[], ['Neg']])) {
        let values: Float64Array;
        try {
          values = encodedNetworkOf(graph).plain(x.data);
        } catch (error) {
          expect(error instanceof HeModelError || error instanceof HeLayerError, `${name}: ${error}`).equal(
            true,
          );
          continue;
        }
        if (supported.at(-1) !== definition.op) supported.push(definition.op);
        const right = evaluatePlain(graph, { x }).y.data;
        expect(values.length, name).equal(right.length);
        values.forEach((value, i) => {
          expect(value, `${name}, element ${i}`).closeTo(right[i], 1e-9 * Math.max(1, Math.abs(right[i])));
        });
      }
    });

  it('were compared, as far as their examples have a batch of 1', () => {
    expect(supported.join(' ')).equal(
      'AdaptiveAveragePool Add Affine AveragePool Concat Conv ConvTranspose CumSum DepthToSpace Einsum Expand Extend ' +
        'GlobalAveragePool Linear Lookup MatMul MaxPool Mul Reshape Resize SpaceToDepth Squeeze Sub Trace Where',
    );
  });
});
