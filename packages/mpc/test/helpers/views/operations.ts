/** What the views are looked at of: every example of every protocol, and what suites build from them. */
import type { Words } from '@tacit/ring';
import type { ExampleOperands, ProtocolExample } from '../../../src/definition/protocol.js';
import { AdditiveEngine, protocols, type Session } from '../../../src/index.js';
import { maxPool2d } from '../../../src/protocols/max-pool.js';
import { ownedLinear } from '../../../src/protocols/owned-linear.js';
import { maskToward, Owned } from '../../../src/protocols/owned-operand.js';
import { relu } from '../../../src/protocols/relu.js';
import { revealRounded } from '../../../src/protocols/reveal.js';
import { sort } from '../../../src/protocols/sort.js';
import type { Share } from '../../../src/runtime/share.js';

export interface Operands extends ExampleOperands {
  /** What y is, at the last party, which it comes from. */
  readonly own: Words | undefined;
}

/** Returns what must have come before the run is over. */
export type Operation = (session: Session, operands: Operands) => Promise<unknown>;

/** What an operation needs beside the program. */
export interface Watched {
  readonly run: Operation;
  /** Whether only two parties have it. */
  readonly twoParties?: boolean;
  /** Whether it is made up of others that are among these, and many of them: for the long tests. */
  readonly long?: boolean;
  /** As in Comparing. */
  readonly toldTogether?: number;
}

const ofShare =
  (f: ProtocolExample): Operation =>
  (session, operands) =>
    f(session, operands).value;

/** Of the engine, where its operations are not protocols with examples. */
const onEngine =
  (f: (engine: AdditiveEngine<Session>, x: Share, y: Share) => Share): Operation =>
  (session, { x, y }) =>
    f(new AdditiveEngine(session), x, y).value;

const lanesOf4 = (x: Share): Share => x.reshaped([x.size / 4, 4]);
/** Comparisons of each two of 4 elements. */
const PAIRS = 6;

const ofSuites: Readonly<Record<string, Watched>> = {
  'reveal to all': { run: (s, { x, y }) => Promise.all([x, y].map((z) => new AdditiveEngine(s).reveal(z))) },
  'reveal to one, and again': {
    run: (s, { x }) => Promise.all([0, 1, 0].map((to) => new AdditiveEngine(s).reveal(x, { to }))),
  },
  'reveal, rounded on the way': {
    run: (s, { x }) => Promise.all([revealRounded(s, x, 1, 3), revealRounded(s, x, 0, 5)]),
    twoParties: true,
  },
  'fresh shares to keep': { run: (s, { x }) => new AdditiveEngine(s).sharesToKeep(x) },
  'full ReLU': { run: ofShare((s, { x }) => relu(s, x, { window: 64 })) },
  'two ReLUs of one value': { run: (s, { x }) => Promise.all([relu(s, x).value, relu(s, x).value]) },
  'binary sharing and back': {
    run: onEngine((engine, x, y) => engine.fromBits(engine.andBits(engine.toBits(x), engine.toBits(y)))),
  },
  sort: {
    run: (s, { x }) => {
      const { values, indices } = sort(s, lanesOf4(x));
      return Promise.all([values.value, indices.value]);
    },
    toldTogether: PAIRS,
  },
  'the largest two, in order': {
    run: (s, { x }) => sort(s, lanesOf4(x), { keep: 2, largest: true }).values.value,
    toldTogether: PAIRS,
  },
  maximum: { run: onEngine((engine, x) => engine.extreme('max', x.reshaped([4, x.size / 4]))) },
  'maximum of windows': {
    run: ofShare((s, { x }) =>
      maxPool2d(s, x.reshaped([1, x.size / 4, 2, 2]), {
        kernel: [2, 2],
        stride: [2, 2],
        dilation: [1, 1],
        before: [0, 0],
        outputSize: [1, 1],
      }),
    ),
  },
  floor: { run: onEngine((engine, x) => engine.floor(x, 3)) },
  'truncation in a full window': { run: onEngine((engine, x) => engine.truncate(x, 3)) },
  'truncation by more than a share shifts': { run: onEngine((engine, x) => engine.truncate(x, 40)) },
  'sign, and a bit of it': { run: onEngine((engine, x) => engine.signum(x)) },
  'stored function': { run: onEngine((engine, x) => engine.sigmoid(x, 16)) },
  reciprocal: {
    run: onEngine((engine, x) => engine.octaveFunction('reciprocal', x, 16, { signed: true })),
    long: true,
  },
  quotient: { run: onEngine((engine, x, y) => engine.quotient(x, y)), long: true },
  'product by a secret of one party': {
    run: (s, { x, own }) => {
      const owner = s.parties - 1;
      const w = new Owned(s, owner, x.shape, own);
      return ownedLinear(s, { op: 'mul', n: x.size }, maskToward(s, x, owner), w.opened, true, x.shape).value;
    },
  },
};

/** All of them, by name. A protocol that is new in the registry is among them by its examples. */
export const watched: ReadonlyMap<string, Watched> = new Map([
  ...protocols.flatMap(({ kind, examples }) =>
    Object.entries(examples).map(([name, f]): [string, Watched] => [`${kind}: ${name}`, { run: ofShare(f) }]),
  ),
  ...Object.entries(ofSuites),
]);
