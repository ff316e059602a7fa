/**
 * Modules, losses and optimisers in private, their gradients, running statistics and steps, against those of PyTorch, which is
 * no part of this project: pytorch/modules.py made the cases, and says how.
 */
import { readFileSync } from 'node:fs';
import type { Party, Plain } from '@tacit/tensor';
import { expect } from 'chai';
import { runParties } from '../../tensor/test/helpers/parties.js';
import * as nn from '../src/index.js';

interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface ModuleCase {
  readonly kind: 'module';
  readonly js: string;
  readonly state: Readonly<Record<string, Numbers>>;
  readonly inputs: readonly Numbers[];
  /** Which inputs have a gradient. */
  readonly isgrad: readonly boolean[];
  readonly train: boolean;
  readonly y: Numbers;
  /** The cotangent of y. */
  readonly u: Numbers;
  readonly gin: readonly (readonly number[] | null)[];
  readonly gpar: Readonly<Record<string, readonly number[] | undefined>>;
  readonly buffers: Readonly<Record<string, Numbers>>;
  readonly tol?: number;
}

interface LossCase {
  readonly kind: 'loss';
  readonly js: string;
  /** Prediction, target, the cotangent of the loss, and the gradient of the prediction. */
  readonly p: Numbers;
  readonly t: Numbers;
  readonly y: Numbers;
  readonly u: Numbers;
  readonly g: readonly number[];
  readonly tol?: number;
}

interface OptimizerCase {
  readonly kind: 'opt';
  readonly js: string;
  readonly sched?: string;
  readonly state: Readonly<Record<string, Numbers>>;
  /** Inputs and targets of each step. */
  readonly xs: Numbers;
  readonly ts: Numbers;
  /** Parameters after each step. */
  readonly hist: readonly Readonly<Record<string, readonly number[]>>[];
  readonly tol?: number;
}

const TOLERANCE = 3e-3;
const cases: (ModuleCase | LossCase | OptimizerCase)[] = JSON.parse(
  readFileSync(new URL('pytorch/modules.json', import.meta.url), 'utf8'),
);

/** What a case tells by name, and what that should be. */
type Told = Record<string, Promise<Plain | undefined> | undefined>;
type Right = Record<string, readonly number[] | null | undefined>;

const tensor = ({ shape, data }: Numbers) => ({ dims: shape, shape, data: Float64Array.from(data) });
const stateOf = (state: Readonly<Record<string, Numbers>>) =>
  Object.fromEntries(Object.entries(state).map(([name, value]) => [name, tensor(value)]));
const evaluated = (names: Record<string, unknown>, js: string) =>
  new Function(...Object.keys(names), `return ${js}`)(...Object.values(names));

/** A secret tensor's value; nothing of weights that an owner keeps. */
const told = (value: unknown): Promise<Plain | undefined> | undefined =>
  (value as { revealFloat64?: () => Promise<Plain | undefined> } | undefined)?.revealFloat64?.();

function runModule(party: Party, one: ModuleCase, mode: 'owned' | 'shared'): Told {
  const module = evaluated({ nn }, one.js) as nn.Module;
  if (Object.keys(one.state).length > 0) module.loadState(stateOf(one.state));
  module.encrypt(party, { src: 0, mode: one.train ? 'shared' : mode });
  if (one.train) module.train();
  else module.eval();
  const xs = one.inputs.map((x, i) =>
    party.cryptensor(tensor(x), { src: i % party.worldSize, requiresGrad: one.isgrad[i] }),
  );
  const y = module.forward(...xs);
  const made: Told = { y: y.revealFloat64() };
  if (y.requiresGrad) y.backward(tensor(one.u));
  xs.filter((_, i) => one.isgrad[i]).forEach((x, i) => {
    made[`gradient of input ${i}`] = told(x.grad);
  });
  if (one.train || mode === 'shared')
    for (const [name, parameter] of module.namedParameters())
      made[`gradient of ${name}`] = told(parameter.grad) ?? Promise.resolve(undefined);
  if (one.train)
    for (const [name, buffer] of module.namedBuffers()) made[`buffer ${name}`] = told(buffer.operand);
  return made;
}

function rightModule(one: ModuleCase): Right {
  return {
    y: one.y.data,
    ...Object.fromEntries(one.gin.map((g, i) => [`gradient of input ${i}`, g])),
    ...Object.fromEntries(Object.entries(one.gpar).map(([name, g]) => [`gradient of ${name}`, g])),
    ...Object.fromEntries(Object.entries(one.buffers).map(([name, b]) => [`buffer ${name}`, b.data])),
  };
}

function runLoss(party: Party, one: LossCase): Told {
  const p = party.cryptensor(tensor(one.p), { src: 0, requiresGrad: true });
  const t = party.cryptensor(tensor(one.t), { src: 1 });
  const y = (evaluated({ nn }, one.js) as nn.Loss).forward(p, t);
  const value = y.revealFloat64();
  if (y.shape.length > 0) y.backward(tensor(one.u));
  else y.backward();
  return { y: value, gradient: told(p.grad) };
}

function runOptimizer(party: Party, one: OptimizerCase): Told {
  const module = new nn.Linear(3, 2);
  module.loadState(stateOf(one.state));
  module.encrypt(party, { src: 0, mode: 'shared' });
  const { optim } = nn;
  const optimizer = evaluated({ optim, parameters: module.parameters() }, one.js) as nn.optim.Optimizer;
  const scheduler = one.sched && (evaluated({ optim, o: optimizer }, one.sched) as { step(): void });
  const step = (i: number, { shape: [, ...shape], data }: Numbers) => {
    const size = shape[0] * shape[1];
    return tensor({ shape, data: data.slice(i * size, (i + 1) * size) });
  };
  const made: Told = {};
  one.hist.forEach((_, i) => {
    const x = party.cryptensor(step(i, one.xs), { src: 0 });
    const t = party.cryptensor(step(i, one.ts), { src: 1 });
    optimizer.zeroGrad();
    new nn.MSELoss().forward(module.forward(x), t).backward();
    optimizer.step();
    if (scheduler) scheduler.step();
    for (const [name, parameter] of module.namedParameters())
      made[`${name} after step ${i}`] = told(parameter.operand);
  });
  return made;
}

const rightSteps = (one: OptimizerCase): Right =>
  Object.fromEntries(
    one.hist.flatMap((step, i) =>
      Object.entries(step).map(([name, values]) => [`${name} after step ${i}`, values]),
    ),
  );

async function expectSame(
  parties: number,
  one: { js: string; tol?: number },
  run: (party: Party) => Told,
  right: Right,
) {
  const [made] = await runParties(parties, async (party) => {
    const all = run(party);
    return Object.fromEntries(
      await Promise.all(Object.entries(all).map(async ([name, value]) => [name, await value] as const)),
    );
  });
  const tolerance = one.tol ?? TOLERANCE;
  expect(Object.keys(right), one.js).include.members(Object.keys(made));
  for (const name of Object.keys(made)) {
    const wanted = right[name] ?? [];
    // A small element beside large ones has an error of theirs: gradients of columns that hardly vary are some hundreds.
    const least = wanted.reduce((most, v) => Math.max(most, Math.abs(v)), 0) / 64;
    wanted.forEach((v, i) => {
      const error = tolerance * (1 + Math.max(Math.abs(v), least));
      // A parameter that nothing depends on has no gradient here, and zeros there.
      expect(made[name]?.data[i] ?? 0, `${one.js}: ${name}[${i}]`).closeTo(v, error);
    });
  }
}

for (const parties of [2, 3])
  describe(`as PyTorch, ${parties} parties`, () => {
    cases.forEach((one, i) => {
      const modes = one.kind === 'module' && !one.train && parties === 2 ? ['shared', 'owned'] : ['shared'];
      for (const mode of modes as ('shared' | 'owned')[])
        it(`${i}: ${one.js}${one.kind === 'module' ? `, ${one.train ? 'training' : mode}` : ''}`, () => {
          if (one.kind === 'module')
            return expectSame(parties, one, (party) => runModule(party, one, mode), rightModule(one));
          if (one.kind === 'loss')
            return expectSame(parties, one, (party) => runLoss(party, one), {
              y: one.y.data,
              gradient: one.g,
            });
          return expectSame(parties, one, (party) => runOptimizer(party, one), rightSteps(one));
        });
    });
  });
