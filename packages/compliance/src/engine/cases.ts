/** What a case of the engine suite is: one way to use one member of the interface, and what must come of it. */
import type { Bilinear, Engine, ProtocolConfig, Secret, StridedView } from '@tacit/mpc';
import { expect } from 'chai';
import { type Numbers, signed, wordsOf, wrap } from './numbers.js';

/** Runs a program at that many parties and resolves to its results by rank; rejects with what failed first. */
export type RunEngines = <T>(
  parties: number,
  program: (engine: Engine) => Promise<T> | T,
  config?: Partial<ProtocolConfig>,
) => Promise<T[]>;

export interface Setting {
  readonly parties: number;
  readonly run: RunEngines;
}

export type Case = (setting: Setting) => Promise<void>;

/** Of [3, 4] with [4, 2]. */
export const product = {
  op: 'matmul',
  m: 3,
  k: 4,
  n: 2,
  batch: 1,
  aBroadcast: false,
  bBroadcast: false,
} as const satisfies Bilinear;
/** Of [3, 4]. */
export const transposed: StridedView = { shape: [4, 3], strides: [1, 4], offset: 0 };

/** How far a result may be off. */
export type Slack =
  /** Equal mod 2^64. */
  | 'none'
  /** The expected floor or one more; the floor where truncation is exact. */
  | 'rounding'
  /** So many units either way. */
  | bigint;

/** A case that shares inputs, party by party in turn, computes and reveals to all. */
export function computes(
  inputs: readonly Numbers[],
  f: (engine: Engine, ...x: Secret[]) => readonly Secret[],
  /** `s` is 2^productExtraBits: products of secrets come times that. */
  expected: (s: bigint) => readonly Numbers[],
  slack: Slack = 'none',
): Case {
  return async ({ parties, run }) => {
    for (const truncation of slack === 'rounding'
      ? (['probabilistic', 'exact'] as const)
      : (['probabilistic'] as const)) {
      const results = await run(parties, (engine) => outcome(engine, inputs, f), { truncation });
      const wanted = expected(1n << BigInt(results[0].extraBits));
      for (const { tensors } of results) {
        expect(tensors.map(({ shape }) => shape)).deep.equal(wanted.map(({ shape }) => [...shape]));
        wanted.forEach(({ values }, i) => {
          check(tensors[i].values, values, slack === 'rounding' && truncation === 'exact' ? 'none' : slack);
        });
        expect(tensors, 'what the parties learned').deep.equal(results[0].tensors);
      }
    }
  };
}

async function outcome(
  engine: Engine,
  inputs: readonly Numbers[],
  f: (engine: Engine, ...x: Secret[]) => readonly Secret[],
): Promise<{ tensors: { shape: number[]; values: bigint[] }[]; extraBits: number }> {
  const secrets = inputs.map(({ shape, values }, i) => {
    const owner = i % engine.parties;
    return engine.input(owner, shape, engine.rank === owner ? wordsOf(values) : undefined);
  });
  const tensors = await Promise.all(
    f(engine, ...secrets).map(async (secret) => ({
      shape: [...secret.shape],
      values: signed((await engine.reveal(secret)) ?? new BigUint64Array(0)),
    })),
  );
  return { tensors, extraBits: engine.productExtraBits };
}

function check(values: readonly bigint[], wanted: readonly bigint[], slack: Slack): void {
  expect(values.length).equal(wanted.length);
  const [low, high] = slack === 'none' ? [0n, 0n] : slack === 'rounding' ? [0n, 1n] : [-slack, slack];
  values.forEach((v, i) => {
    const off = wrap(v - wanted[i]);
    if (off < low || off > high)
      throw new Error(
        `element ${i} is ${v}, expected ${wrap(wanted[i])}, off by ${off} (${low} to ${high} allowed)`,
      );
  });
}
