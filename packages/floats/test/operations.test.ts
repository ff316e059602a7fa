/** Every operation of the registry in single precision, beside the same in double precision. Nothing here names one. */
import {
  type Attributes,
  allDefinitions,
  apply,
  type ConcreteOpName,
  cotangents,
  type PlainTensor,
  plainBackend,
  resolveCall,
} from '@tacit/graph';
import { exampleInputs } from '@tacit/testing/examples';
import { expect } from 'chai';
import { createFloats, type Floats, type FloatTensor } from '../src/index.js';

/** Of the largest of 1, the value, and the largest of its tensor: sums in single precision lose that much. */
const TOLERANCE = 2 ** -18;

function close(made: FloatTensor, wanted: PlainTensor, what: string): void {
  expect(made.shape, what).deep.equal(wanted.shape);
  const size = wanted.data.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 1);
  made.data.forEach((v, i) => {
    const value = Math.fround(wanted.data[i]);
    if (Number.isFinite(value)) expect(v, `${what}, element ${i}`).closeTo(value, TOLERANCE * size);
    else expect(v, `${what}, element ${i}`).deep.equal(value);
  });
}

describe('single precision', () => {
  let floats: Floats;
  before(async () => {
    floats = await createFloats({ memoryBytes: 2 ** 24 });
  });

  for (const definition of allDefinitions()) {
    if (definition.publicOnly) continue;
    definition.examples.forEach((example, index) => {
      const name = `${definition.op} [${example.shapes.join('] [')}] ${JSON.stringify(example.attributes)}`;
      const op = definition.op as ConcreteOpName;

      it(`gives what double precision gives: ${name}`, () => {
        const { backend, tensor } = floats;
        const inputs = exampleInputs(example, index);
        const shapes = inputs.map(({ shape }) => shape);
        const attributes = resolveCall(op, shapes, example.attributes as never)
          .attributes as Attributes<ConcreteOpName>;
        const wanted = definition.evaluate(inputs, attributes);
        const before = floats.takenBytes;
        // Operands in the kernels' memory, and elsewhere.
        for (const own of [true, false]) {
          const operands = inputs.map(({ shape, data }) =>
            own ? tensor(shape, data) : { shape, data: Float32Array.from(data) },
          );
          const made = apply(backend, op, operands, attributes, op, wanted.length);
          made.forEach((y, i) => {
            close(y, wanted[i], `output ${i}`);
          });
          for (const x of [...operands, ...made]) backend.dispose?.(x);
        }
        expect(floats.takenBytes).equal(before);
      });

      if (example.kinks) return;
      it(`has the gradient of double precision: ${name}`, () => {
        const { backend, tensor } = floats;
        const inputs = exampleInputs(example, index);
        const shapes = inputs.map(({ shape }) => shape);
        const attributes = resolveCall(op, shapes, example.attributes as never)
          .attributes as Attributes<ConcreteOpName>;
        const outputs = definition.evaluate(inputs, attributes);
        const [y] = outputs;
        const dy = { shape: y.shape, data: y.data.map((_, i) => Math.fround(Math.sin(i + 1))) };
        const wanted = cotangents(plainBackend, { op, inputs, outputs, attributes }, [dy]);
        const before = floats.takenBytes;
        for (const needed of [
          inputs.map(() => true),
          ...inputs.map((_, n) => inputs.map((_, i) => i === n)),
        ]) {
          const operands = inputs.map(({ shape, data }) => tensor(shape, data));
          const results = apply(backend, op, operands, attributes, op, definition.gradientOutputs ?? 1);
          const flowing = tensor(dy.shape, dy.data);
          let found: readonly (FloatTensor | undefined)[] = [];
          const kept = backend.scope?.(() => {
            found = cotangents(
              backend,
              { op, inputs: operands, outputs: results, attributes },
              [flowing],
              needed,
            );
            return found.filter((dx) => dx !== undefined);
          });
          found.forEach((dx, i) => {
            if (!needed[i]) expect(dx).equal(undefined);
            else if (!wanted[i] || !dx) expect([dx, wanted[i]]).deep.equal([undefined, undefined]);
            else close(dx, wanted[i], `cotangent of input ${i}`);
          });
          for (const x of new Set([...operands, ...results, flowing, ...(kept ?? [])])) backend.dispose?.(x);
        }
        expect(floats.takenBytes).equal(before);
      });
    });
  }
});
