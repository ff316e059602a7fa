/** Compares functions of one number, in private, with their plain values at points of all magnitudes. */
import { type AnyDefinition, allDefinitions, apply, plainBackend } from '@tacit/graph';
import { simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import { CrypTensor, secretOf } from '../../src/index.js';

/** Largest magnitude of a value at 16 fraction bits. */
const TOP = 2 ** 28;
const GRID = 2 ** -16;

/** Points on the grid: the ends of the domain, whole numbers near 0, and magnitudes that are spread evenly. */
function pointsOf([low, high]: readonly [number, number], count: number): Float64Array {
  const points = [low, low + GRID, high - GRID, 0, GRID, -GRID];
  for (let v = -16; v <= 16; v += 0.25) points.push(v);
  for (let i = points.length; i < count; i++) {
    // A van der Corput sequence: the same at every run, and nowhere twice.
    let fraction = 0;
    for (let rest = i, unit = 0.5; rest > 0; rest = Math.floor(rest / 2), unit /= 2)
      fraction += unit * (rest % 2);
    const magnitude = 2 ** (-16 + 44 * fraction);
    points.push(i % 2 === 0 ? magnitude : -magnitude);
  }
  return Float64Array.from(points.slice(0, count), (v) => Math.round(v / GRID) * GRID).filter(
    (v) => v >= low && v < high,
  );
}

/** A test for each function that states an accuracy. */
export function expectAccurateFunctions(count: number): void {
  const functions = allDefinitions().filter(
    ({ accuracy, arity, attributes, publicOnly }) =>
      accuracy &&
      arity[1] === 1 &&
      !publicOnly &&
      !['axes', 'axis', 'exponent'].some((name) => name in attributes),
  );
  for (const definition of functions)
    for (const attributes of distinctAttributes(definition))
      for (const precise of [true, false])
        it(`${definition.op} ${JSON.stringify(attributes)}, ${precise ? 'at rest' : 'of a product'}`, async function () {
          this.timeout(600_000);
          const { domain = [-TOP, TOP], maxError = 0, relative = 0 } = definition.accuracy ?? {};
          const data = pointsOf(domain, count);
          const x = { shape: [data.length], data };
          const { op } = definition as { readonly op: 'Erf' };
          const [expected] = apply(plainBackend, op, [x], attributes as object);
          const { results } = await simulate({ parties: 2 }, async (party) => {
            const given = party.cryptensor(party.rank === 0 ? data : undefined, { src: 0, shape: x.shape });
            // Times 1/2 and 2: a product, whose excess bits the function has to drop.
            const { value, context } = precise ? given : given.mul(0.5).mul(2);
            const [y] = apply(context.backend, op, [value], attributes as object);
            return new CrypTensor(secretOf(context, y)).getPlainText();
          });
          let worst = 0;
          let at = 0;
          results[0].data.forEach((v, i) => {
            const right = expected.data[i];
            const error = Math.abs(Number(v) - right) / Math.max(maxError, relative * Math.abs(right));
            if (!(error <= worst)) [worst, at] = [error, data[i]];
          });
          expect(worst, `of what is allowed, at ${at}`).at.most(1);
        });
}

const distinctAttributes = ({ examples }: AnyDefinition): object[] =>
  [...new Set(examples.map(({ attributes }) => JSON.stringify(attributes)))].map((text) => JSON.parse(text));
