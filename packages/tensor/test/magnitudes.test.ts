/**
 * Every operation of the registry on numbers in the thousands, values and gradients, against the same in double precision:
 * what is computed on the way must neither leave the range where the result does not, nor lose the bits of what is small.
 * Nothing here names an operation, but for those whose operands are no such numbers.
 */
import {
  type AnyDefinition,
  allDefinitions,
  type ConcreteOpName,
  cotangents,
  type Example,
  type PlainTensor,
  plainBackend,
  sizeOf,
  UnsupportedOperationError,
} from '@tacit/graph';
import { exampleInputs } from '@tacit/testing/examples';
import { expect } from 'chai';
import { call } from '../src/cryptensor.js';
import type { Party, Plain } from '../src/index.js';
import { runParties } from './helpers/parties.js';

const SCALE = 3000;
/** Values are below that, at 16 fraction bits. */
const RANGE = 2 ** 28;
/** Operands that are bits or indices. */
const NOT_NUMBERS = new Set(['And', 'Gather', 'Lookup', 'Not', 'OneHot', 'Or', 'Where', 'Xor']);

interface Case {
  readonly name: string;
  readonly attributes: object;
  readonly inputs: readonly PlainTensor[];
  readonly value: PlainTensor;
  readonly dy: PlainTensor;
  readonly gradients: readonly (PlainTensor | undefined)[];
}

const scaled = ({ shape, data }: PlainTensor, by: number): PlainTensor => ({
  shape,
  data: Float64Array.from(data, (v) => Math.round(v * by * 1024) / 1024),
});
const fits = (x: PlainTensor | undefined): boolean => x?.data.every((v) => Math.abs(v) < RANGE) ?? true;

/** An example with its numbers scaled; nothing where they, or what comes of them, are out of range. */
function caseOf(definition: AnyDefinition, example: Example<object>, index: number): Case[] {
  const { domain = [-RANGE, RANGE] } = definition.accuracy ?? {};
  const inputs = exampleInputs(example, index).map((x) => scaled(x, example.range ? 1 : SCALE));
  if (inputs.some(({ data }) => data.some((v) => v < domain[0] || v >= domain[1]))) return [];
  const shapes = inputs.map(({ shape }) => shape);
  const [output] = definition.infer(shapes, example.attributes) as number[][];
  const attributes = definition.resolve?.(example.attributes, shapes, output) ?? example.attributes;
  const outputs = definition.evaluate(inputs, attributes);
  const dy = {
    shape: output,
    data: Float64Array.from({ length: sizeOf(output) }, (_, i) => Math.round(1024 * Math.sin(i + 1)) / 1024),
  };
  const record = { op: definition.op as ConcreteOpName, inputs, outputs, attributes: attributes as never };
  const gradients = cotangents(plainBackend, record, [dy]);
  if (![...inputs, outputs[0], ...gradients].every(fits)) return [];
  const name = `[${shapes.join('] [')}] ${JSON.stringify(example.attributes)}`;
  return [{ name, attributes: example.attributes, inputs, value: outputs[0], dy, gradients }];
}

/** The value and the gradients of a case; nothing where the operation is not computed in private. */
async function made(party: Party, { op }: AnyDefinition, one: Case): Promise<(Plain | undefined)[]> {
  const xs = one.inputs.map(({ shape, data }, i) =>
    party.cryptensor(data, { src: i % 2, shape, requiresGrad: true }),
  );
  try {
    const y = call(party.context, op as never, xs, one.attributes, op);
    if (y.requiresGrad) y.backward({ dims: one.dy.shape, data: one.dy.data });
    return await Promise.all([y, ...xs.map((x) => x.grad)].map((x) => x?.revealFloat64()));
  } catch (error) {
    if (error instanceof UnsupportedOperationError) return [];
    throw error;
  }
}

for (const definition of allDefinitions())
  if (!definition.publicOnly && !NOT_NUMBERS.has(definition.op))
    describe(`${definition.op} of numbers in the thousands`, () => {
      const cases = definition.examples.flatMap((example, i) => caseOf(definition, example, i));
      if (cases.length === 0) return;
      it('is that of its plain twin, and its gradient', async () => {
        const [results] = await runParties(2, (party) =>
          Promise.all(cases.map((one) => made(party, definition, one))),
        );
        cases.forEach((one, i) => {
          [one.value, ...one.gradients].forEach((right, k) => {
            const got = results[i][k];
            if (!right || !got) return;
            const largest = right.data.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
            const tolerance = (2 * (definition.accuracy?.maxError ?? 0) + 2 ** -9) * largest;
            right.data.forEach((v, j) => {
              expect(got.data[j], `${one.name}, ${k === 0 ? 'value' : `gradient ${k - 1}`} ${j}`).closeTo(
                v,
                tolerance,
              );
            });
          });
        });
      });
    });
