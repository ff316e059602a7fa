/**
 * Gradients of every operation of the registry in private, through the record that handles keep, against those of the same
 * text in double precision. Nothing here names an operation.
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
import { call } from '../../src/cryptensor.js';
import type { CrypTensor, Party, Plain } from '../../src/index.js';
import { runParties } from '../helpers/parties.js';

interface Case {
  readonly name: string;
  readonly inputs: readonly PlainTensor[];
  readonly attributes: object;
  readonly dy: PlainTensor;
  readonly expected: readonly (PlainTensor | undefined)[];
}

function casesOf(definition: AnyDefinition): Case[] {
  return definition.examples.map((example: Example<object>, index) => {
    const inputs = exampleInputs(example, index);
    const shapes = inputs.map(({ shape }) => shape);
    const [output] = definition.infer(shapes, example.attributes) as number[][];
    const attributes = definition.resolve?.(example.attributes, shapes, output) ?? example.attributes;
    const outputs = definition.evaluate(inputs, attributes);
    const dy = {
      shape: output,
      data: Float64Array.from({ length: sizeOf(output) }, (_, i) => Math.sin(i + 1)),
    };
    const record = { op: definition.op as ConcreteOpName, inputs, outputs, attributes: attributes as never };
    return {
      name: `[${shapes.join('] [')}] ${JSON.stringify(example.attributes)}`,
      inputs,
      attributes: example.attributes,
      dy,
      expected: cotangents(plainBackend, record, [dy]),
    };
  });
}

/** The gradients of the inputs for which `wanted` is set; undefined where the operation is not computed in private. */
function gradients(
  party: Party,
  { op }: AnyDefinition,
  { inputs, attributes, dy }: Case,
  wanted: readonly boolean[],
): (Promise<Plain | undefined> | undefined)[] | undefined {
  const xs = inputs.map(({ shape, data }, i) =>
    party.cryptensor(data, { src: i % 2, shape, requiresGrad: wanted[i] }),
  );
  let y: CrypTensor;
  try {
    y = call(party.context, op as never, xs, attributes, op);
  } catch (error) {
    if (error instanceof UnsupportedOperationError) return undefined;
    throw error;
  }
  // Handles may go before the gradient is asked for.
  const kept = y.requiresGrad ? y.reshape(y.shape) : y;
  if (kept !== y) y.dispose();
  if (kept.requiresGrad) kept.backward({ dims: dy.shape, data: dy.data });
  return xs.map((x) => x.grad?.revealFloat64());
}

function check(definition: AnyDefinition, one: Case, input: number, made: Plain | undefined): void {
  const name = `${one.name}, input ${input}`;
  const expected = one.expected[input];
  const exact = expected ?? {
    shape: one.inputs[input].shape,
    data: new Float64Array(one.inputs[input].data.length),
  };
  const largest = Math.max(1, ...Array.from(exact.data, Math.abs).filter(Number.isFinite));
  const tolerance = (2 * (definition.accuracy?.maxError ?? 0) + 2 ** -9) * largest;
  if (made) expect(made.shape, name).deep.equal(exact.shape);
  exact.data.forEach((v, i) => {
    if (Number.isFinite(v)) expect(made?.data[i] ?? 0, `${name}, element ${i}`).closeTo(v, tolerance);
  });
}

for (const definition of allDefinitions().filter(({ publicOnly }) => !publicOnly))
  describe(`the gradient of ${definition.op} in private`, () => {
    const cases = casesOf(definition);
    const most = Math.max(...cases.map(({ inputs }) => inputs.length));
    for (const wanted of most === 1 ? [[true]] : [new Array(most).fill(true), [true], [false, true]])
      it(`is that of its plain twin: inputs ${wanted.map(Number)}`, async () => {
        const results = await runParties(2, async (party) => {
          const made = cases.map((one) =>
            gradients(
              party,
              definition,
              one,
              one.inputs.map((_, i) => wanted[i] ?? false),
            ),
          );
          return Promise.all(made.map((all) => all && Promise.all(all)));
        });
        cases.forEach((one, i) => {
          for (const all of results)
            all[i]?.forEach((made, input) => {
              if (wanted[input]) check(definition, one, input, made);
              else expect(made).equal(undefined);
            });
        });
      });
  });
