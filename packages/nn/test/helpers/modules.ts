/** Modules in private against formulas of their own in double precision, and gradients against finite differences. */
import { expect } from 'chai';
import { runParties } from '../../../tensor/test/helpers/parties.js';
import { type Nd, sizeOf } from '../../../tensor/test/helpers/plain.js';
import { type Module, ModuleBuffer } from '../../src/index.js';

export type Values = Readonly<Record<string, Nd>>;

export interface FormulaCase {
  readonly make: () => Module;
  readonly inputs: readonly (readonly number[])[];
  /** What it computes, from parameters and buffers by name. */
  readonly formula: (state: Values, ...inputs: readonly Nd[]) => Nd;
  /** Of inputs and parameters; default -1.5 to 1.5. */
  readonly range?: number;
  readonly positive?: readonly string[];
  readonly tolerance?: number;
  readonly parties?: number;
  readonly training?: boolean;
  readonly mode?: 'owned' | 'shared';
  /** Default true. */
  readonly gradients?: boolean;
  /** Inputs as they are: indices have no gradient. */
  readonly given?: readonly number[];
  readonly delays?: number;
}

/** Numbers that a seed repeats, none near a kink. */
export function spread(count: number, seed: number, range: number): Float64Array {
  let state = (seed + 1) * 2654435761;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const v = ((state / 2 ** 32) * 2 - 1) * range;
    return Math.round((Math.abs(v) < 0.02 ? v + 0.05 : v) * 4096) / 4096;
  });
}

const STEP = 1e-4;

/** Derivatives of the sum of f times dy. */
function differences(f: (x: Nd) => Nd, x: Nd, dy: Float64Array): Float64Array {
  const value = (moved: Nd) => f(moved).data.reduce((sum, v, i) => sum + v * dy[i], 0);
  return x.data.map((v, i) => {
    const at = (w: number) => value({ shape: x.shape, data: x.data.map((u, j) => (j === i ? w : u)) });
    return (at(v + STEP) - at(v - STEP)) / (2 * STEP);
  });
}

export const near = (made: ArrayLike<number>, right: ArrayLike<number>, tolerance: number, what: string) => {
  expect(made.length, what).equal(right.length);
  Array.from(right).forEach((v, i) => {
    expect(made[i], `${what}[${i}] of ${right.length}`).closeTo(v, tolerance * (1 + Math.abs(v)));
  });
};

/** Values for parameters and buffers, not the initial ones, so that each of them matters. */
export function stateOf(module: Module, range: number, positive: readonly string[] = []): Values {
  const all = [...module.namedParameters(), ...module.namedBuffers()];
  return Object.fromEntries(
    all.map(([name, { shape }], i) => {
      const data = spread(sizeOf(shape), 100 + i, range);
      return [name, { shape, data: positive.includes(name) ? data.map((v) => Math.abs(v) + 0.25) : data }];
    }),
  );
}

/** Forward pass and gradients of the case, at all parties. */
export async function agreesWithFormula(one: FormulaCase): Promise<void> {
  const { range = 1.5, tolerance = 2 ** -9, parties = 2, training = true, mode = 'shared' } = one;
  const gradients = (one.gradients ?? true) && mode === 'shared';
  const state = stateOf(one.make(), range, one.positive);
  const inputs = one.inputs.map((shape, i) => ({
    shape,
    data: one.given ? Float64Array.from(one.given) : spread(sizeOf(shape), i, range),
  }));
  const right = one.formula(state, ...inputs);
  const dy = spread(right.data.length, 50, 1);
  const results = await runParties(
    parties,
    async (party) => {
      const module = one.make();
      // Only the owner's values count.
      if (party.rank === 0)
        for (const [name, p] of [...module.namedParameters(), ...module.namedBuffers()])
          p.data = state[name].data;
      module.encrypt(party, { src: 0, mode }).train(training);
      const xs = inputs.map(({ shape, data }, i) =>
        party.cryptensor(data, {
          src: i % parties,
          shape: [...shape],
          requiresGrad: gradients && !one.given,
        }),
      );
      const y = module.forward(...xs);
      const value = await y.revealFloat64();
      if (!gradients) return { value, parameters: {}, inputs: [] };
      if (y.requiresGrad) y.backward({ dims: [...right.shape], data: dy });
      const told = async (p: { grad: { revealFloat64(): Promise<unknown> } | undefined }) =>
        (await p.grad?.revealFloat64()) as Nd | undefined;
      const parameters: Record<string, Nd | undefined> = {};
      for (const [name, p] of module.namedParameters()) parameters[name] = await told(p as never);
      const own: (Nd | undefined)[] = [];
      for (const x of xs) own.push(await told(x as never));
      return { value, parameters, inputs: own };
    },
    { delays: one.delays },
  );
  for (const made of results) {
    expect(made.value?.shape).deep.equal([...right.shape]);
    near(made.value?.data ?? [], right.data, tolerance, 'output');
    if (!gradients) continue;
    const module = one.make();
    for (const [name, p] of module.namedParameters()) {
      if (p instanceof ModuleBuffer) continue;
      const f = (moved: Nd) => one.formula({ ...state, [name]: moved }, ...inputs);
      near(made.parameters[name]?.data ?? [], differences(f, state[name], dy), 4 * tolerance, name);
    }
    if (one.given) continue;
    inputs.forEach((x, i) => {
      const f = (moved: Nd) => one.formula(state, ...inputs.map((input, j) => (i === j ? moved : input)));
      near(made.inputs[i]?.data ?? [], differences(f, x, dy), 4 * tolerance, `input ${i}`);
    });
  }
}
