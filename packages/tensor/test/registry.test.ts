/**
 * Every operation of the registry in private, with every choice of secret, owned and public operands, against its plain
 * value: 2, 3 and 5 parties, with and without delays, on a pool of poisoned memory. Nothing here names an operation.
 */
import { ArgumentError, ShapeError } from '@tacit/errors';
import {
  type AnyDefinition,
  allDefinitions,
  apply,
  type PlainTensor,
  sizeOf,
  UnsupportedOperationError,
} from '@tacit/graph';
import { exampleInputs } from '@tacit/testing/examples';
import { expect } from 'chai';
import { call } from '../src/cryptensor.js';
import { CrypTensor, type Party, type Plain, secretOf } from '../src/index.js';
import { type RunOptions, runParties } from './helpers/parties.js';

type Kind = 'secret' | 'owned' | 'public';
const KINDS: readonly Kind[] = ['secret', 'owned', 'public'];

/** Every choice of kinds with a secret among them; of the third operand on all are of one kind. */
function choices(count: number): Kind[][] {
  if (count === 1) return [['secret']];
  const all = KINDS.flatMap((a) =>
    KINDS.flatMap((b) =>
      count === 2 ? [[a, b]] : KINDS.map((c) => [a, b, ...new Array<Kind>(count - 2).fill(c)]),
    ),
  );
  return all.filter((kinds) => kinds.includes('secret'));
}

const operand = (party: Party, { shape, data }: PlainTensor, kind: Kind, i: number) => {
  const src = i % 2;
  const own = party.rank === src ? data : undefined;
  if (kind === 'secret') return party.cryptensor(own, { src, shape });
  return kind === 'owned' ? party.owned(own, { src, shape }) : { dims: shape, data };
};

interface Case {
  readonly name: string;
  readonly kinds: readonly Kind[];
  readonly inputs: readonly PlainTensor[];
  readonly attributes: object;
  readonly expected: PlainTensor;
}

function casesOf(definition: AnyDefinition): Case[] {
  return definition.examples.flatMap((example, index) => {
    const inputs = exampleInputs(example, index);
    const shapes = inputs.map(({ shape }) => shape);
    const [output] = definition.infer(shapes, example.attributes) as number[][];
    const attributes = definition.resolve?.(example.attributes, shapes, output) ?? example.attributes;
    const [expected] = definition.evaluate(inputs, attributes);
    return choices(inputs.length).map((kinds) => ({
      name: `[${shapes.join('] [')}] ${kinds.join(', ')} ${JSON.stringify(example.attributes)}`,
      kinds,
      inputs,
      attributes: example.attributes,
      expected,
    }));
  });
}

/** Issues a case; what cannot be computed in private must say so before anything is sent. */
function issue(
  party: Party,
  definition: AnyDefinition,
  { kinds, inputs, attributes }: Case,
): CrypTensor | undefined {
  const operands = inputs.map((x, i) => operand(party, x, kinds[i], i));
  try {
    return call(party.context, definition.op as never, operands, attributes, definition.op);
  } catch (error) {
    if (error instanceof UnsupportedOperationError) return undefined;
    throw error;
  } finally {
    for (const x of operands) if (x instanceof CrypTensor) x.dispose();
  }
}

function check(definition: AnyDefinition, { name, expected }: Case, made: Plain): void {
  expect(made.shape, name).deep.equal(expected.shape);
  const tolerance = (definition.accuracy?.maxError ?? 0) + 2 ** -11;
  expected.data.forEach((v, i) => {
    if (!Number.isNaN(v))
      expect(made.data[i], `${name}, element ${i}`).closeTo(v, tolerance * Math.max(1, Math.abs(v)));
  });
}

const settings: [string, number, RunOptions][] = [
  ['two parties', 2, {}],
  ['three parties, with delays', 3, { delays: 7 }],
  ['five parties', 5, {}],
];

for (const definition of allDefinitions().filter(({ publicOnly }) => !publicOnly))
  describe(`${definition.op} in private`, () => {
    const cases = casesOf(definition);
    for (const [name, parties, options] of settings)
      it(`of every kind of operand, ${name}`, async () => {
        // Five parties and many kinds of operands take their time: there each case stands for several.
        const some = parties === 5 ? cases.filter((_, i) => i % 4 === 1 || cases.length < 4) : cases;
        const results = await runParties(
          parties,
          async (party) => {
            const made = some.map((one) => issue(party, definition, one));
            return Promise.all(made.map((y) => y?.revealFloat64()));
          },
          options,
        );
        let computed = 0;
        some.forEach((one, i) => {
          const [plain] = results.map((all) => all[i]);
          if (plain === undefined) return;
          computed++;
          for (const all of results) check(definition, one, all[i] as Plain);
        });
        expect(computed).greaterThan(0);
      });

    it('tells nothing of memory that others used, whatever its attributes are', () =>
      runParties(2, async (party) => {
        const marked = party.cryptensor(new Float64Array(4096).fill(777), { src: 0 });
        await marked.mul(marked).masked();
        marked.dispose();
        const [{ inputs, attributes }] = cases;
        const wrong = [7, -9, 0.5, Number.NaN, -1, [9], [0, 0], [-1], [0.5], [], 'x', null, undefined, true];
        for (const key of Object.keys(definition.attributes))
          for (const value of wrong) {
            const given = { ...attributes, [key]: value };
            const one = { ...cases[0], kinds: inputs.map(() => 'secret' as const), attributes: given };
            let made: CrypTensor | undefined;
            try {
              made = issue(party, definition, one);
            } catch (error) {
              expect(
                error instanceof ShapeError || error instanceof ArgumentError,
                `${key} ${value}: ${error}`,
              ).equal(true);
              continue;
            }
            const plain = await made?.revealFloat64();
            for (const v of plain?.data ?? []) expect(Math.abs(v), `${key} ${value}`).not.equal(777);
          }
      }));
  });

describe('outputs after the first', () => {
  for (const definition of allDefinitions().filter(({ aux }) => aux))
    it(`of ${definition.op} are what its plain value says`, async () => {
      const wanted = 1 + (definition.aux?.length ?? 0);
      for (const [index, example] of definition.examples.entries()) {
        const inputs = exampleInputs(example, index);
        const expected = definition.evaluate(inputs, example.attributes);
        const results = await runParties(2, async (party) => {
          const xs = inputs.map(({ shape, data }) => party.cryptensor(data, { src: 0, shape }).value);
          const made = apply(
            party.context.backend,
            definition.op as never,
            xs,
            example.attributes as never,
            '',
            wanted,
          );
          return Promise.all(made.map((y) => new CrypTensor(secretOf(party.context, y)).revealFloat64()));
        });
        results[0].forEach((made, i) => {
          check(
            definition,
            { ...casesOf(definition)[0], expected: expected[i], name: `output ${i}` },
            made as Plain,
          );
        });
      }
    });
});

describe('examples', () => {
  it('are small', () => {
    for (const { examples } of allDefinitions())
      for (const { shapes } of examples) for (const shape of shapes) expect(sizeOf(shape)).lessThan(400);
  });
});
