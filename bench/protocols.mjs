// Operations of two parties and a dealer as three threads. Inputs are shared, and weights of the model-owner mode sent,
// before the clock starts; what the operation itself needs from the dealer is inside.
import { CrypTensor, FixedPoint, runMultiprocess } from 'tacit';
import { cpuMs, median, quick, wanted } from './lib/measure.mjs';

const M = 1 << 20;
const FRACTION_BITS = 16;
/** Runs before the first that counts: the engine compiles what is hot in three threads while they run. */
const warmUps = (elements) => (quick() ? 3 : elements <= 10_000 ? 500 : 40);

/** Each makes its inputs and returns what is timed: a function that issues the operation. */
const benchmarks = {
  'mul 1M, truncated': (p) => binary(p, [M], (x, y) => p.tidy(() => x.mul(y).workingPrecision())),
  'square 1M, truncated': (p) => unary(p, [M], (x) => p.tidy(() => x.square().workingPrecision())),
  'matmul 128, truncated': (p) => binary(p, [128, 128], (x, y) => x.matmul(y).workingPrecision()),
  'matmul 512, truncated': (p) => binary(p, [512, 512], (x, y) => x.matmul(y).workingPrecision()),
  'matmul 1024, truncated': (p) => binary(p, [1024, 1024], (x, y) => x.matmul(y).workingPrecision()),
  'matmul 1024, model-owner mode, truncated': (p) =>
    owned(p, [1024, 1024], (x, w) => x.matmul(w).workingPrecision()),
  'relu 1k': (p) => unary(p, [1000], (x) => x.relu()),
  'relu 100k': (p) => unary(p, [100_000], (x) => x.relu()),
  'relu 1M': (p) => unary(p, [M], (x) => x.relu()),
  'lt 100k': (p) => binary(p, [100_000], (x, y) => x.lt(y)),
  'eq 100k': (p) => binary(p, [100_000], (x, y) => x.eq(y)),
  'max 1000x10': (p) => unary(p, [1000, 10], (x) => x.max(1)),
  'argmax 100x10': (p) => unary(p, [100, 10], (x) => x.argmax(1)),
  'maxpool 1x16x24x24, 2x2': (p) =>
    unary(p, [1, 16, 24, 24], (x) => x.maxPool2d({ kernel: [2, 2], stride: [2, 2] })),
  'sigmoid 100k': (p) => unary(p, [100_000], (x) => x.sigmoid()),
  'exp 100k': (p) => unary(p, [100_000], (x) => x.exp()),
  'tanh 100k': (p) => unary(p, [100_000], (x) => x.tanh()),
  'gelu 100k': (p) => unary(p, [100_000], (x) => x.gelu()),
  'log 100k': (p) => unary(p, [100_000], (x) => x.log()),
  'sqrt 100k': (p) => unary(p, [100_000], (x) => x.sqrt()),
  'invSqrt 100k': (p) => unary(p, [100_000], (x) => x.invSqrt()),
  'reciprocal 100k': (p) => unary(p, [100_000], (x) => x.reciprocal()),
  'quotient 100k': (p) => binary(p, [100_000], (x, y) => x.div(y)),
  'softmax 100x10': (p) => unary(p, [100, 10], (x) => x.softmax(1)),
  'softmax 128x128': (p) => unary(p, [128, 128], (x) => x.softmax(1)),
  'shuffle 100k': (p) => unary(p, [100_000], (x) => x.shuffle()),
  'sort 1,024': (p) => unary(p, [1024], (x) => x.sort()),
  'top 10 of 10,000': (p) => unary(p, [10_000], (x) => x.topk(10).values),
};

const values = (shape) => {
  const n = shape.reduce((a, b) => a * b, 1);
  return {
    dims: shape,
    data: Float64Array.from({ length: n }, (_, i) => (((i * 7919) % 20011) - 10005) / 2500),
  };
};
/** Encoded once: making inputs afresh would leave garbage for the collector to find while the clock runs. */
const encoded = new Map();
function shared(party, shape, src) {
  const { engine } = party;
  const key = `${shape}`;
  if (!encoded.has(key)) encoded.set(key, engine.ring.encode(values(shape).data, FRACTION_BITS));
  const share = engine.input(src, shape, encoded.get(key));
  return new CrypTensor(new FixedPoint(party.context, share, FRACTION_BITS, party.context.precision.range));
}

async function unary(party, shape, f) {
  const x = shared(party, shape, 0);
  await x.share.value;
  return [() => f(x), [x]];
}
async function binary(party, shape, f) {
  const x = shared(party, shape, 0);
  const y = shared(party, shape, 1);
  await Promise.all([x.share.value, y.share.value]);
  return [() => f(x, y), [x, y]];
}
const weights = new Map();
async function owned(party, shape, f) {
  const key = `${shape}`;
  if (!weights.has(key)) {
    const w = party.owned(values(shape), { src: 0 });
    await w.prepare();
    weights.set(key, w);
  }
  const x = shared(party, shape, 1);
  await x.share.value;
  return [() => f(x, weights.get(key)), [x]];
}

const measured = (
  await runMultiprocess({ worldSize: 2 }, import.meta.url, async (party) => {
    const { comm } = party.engine.session;
    const peer = 1 - party.rank;
    let meeting = 0;
    const meet = async () => {
      comm.send(peer, `meet ${++meeting}`, new Uint8Array(0));
      await comm.receive(peer, `meet ${meeting}`);
    };
    /** One repetition: inputs are made, then the clock runs from the call to the result at both parties. */
    const once = async (prepare) => {
      const [issue, inputs] = await prepare(party);
      await meet();
      const before = comm.stats.snapshot();
      const startedCpu = process.cpuUsage();
      const started = performance.now();
      const y = issue();
      await y.share.value;
      await meet();
      const ms = performance.now() - started;
      const cpu = cpuMs(startedCpu);
      const sent = comm.stats.since(before);
      const toPeer = sent.peers[peer].payloadBytesSent;
      const fromDealer = sent.peers[2].payloadBytesReceived;
      const cost = { rounds: y.rounds, 'bytes sent': toPeer, 'dealer bytes': fromDealer, elements: y.size };
      for (const t of [...inputs, y]) t.dispose();
      return { ms, cpu, cost };
    };
    const found = [];
    for (const [name, prepare] of Object.entries(benchmarks)) {
      if (!wanted(name)) continue;
      const { cost } = await once(prepare);
      for (let i = 0; i < warmUps(cost.elements); i++) await once(prepare);
      const runs = [];
      for (let i = 0; i < (quick() ? 5 : 15); i++) runs.push(await once(prepare));
      const [ms, cpu] = ['ms', 'cpu'].map((key) => median(runs.map((run) => run[key])));
      found.push({ operation: name, ms, 'cpu ms': cpu, ...cost });
    }
    return found;
  })
)
  // The dealer sends to the last party only.
  .reduce((first, last) => first.map((row, i) => ({ ...row, 'dealer bytes': last[i]['dealer bytes'] })));

/** What is done by comparisons, beside 100,000 of them in the same run. */
const BY_COMPARISONS = ['sort 1,024', 'top 10 of 10,000'];
const comparisons = measured.find(({ operation }) => operation === 'lt 100k');
export const rows = measured.map((row) => ({
  ...row,
  'of lt 100k': comparisons && BY_COMPARISONS.includes(row.operation) ? row.ms / comparisons.ms : undefined,
}));
