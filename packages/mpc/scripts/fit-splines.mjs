// Fits the piecewise polynomials of the spline gate and writes src/spline/generated/*.ts.
//   node packages/mpc/scripts/fit-splines.mjs [--check]
// --check writes nothing and fails if a file is not what this script makes.
//
// Each piece is a minimax polynomial (Remez exchange) in u = x - m. Knots are placed so that all pieces have the same
// error: greedily from the centre out, with a bisection on the error. Outside the last knots the function is constant.
// Coefficients are rounded from the highest down, and the lower ones are fitted again to what the rounding left.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { solve } from './lib/solve.mjs';

const X_BITS = 16; // fraction bits of x in the gate
const TOTAL_BITS = 61; // fraction bits of the polynomial's value
const DEGREE = 3;

/** Minimax fit of f(u) on [from, to] by the powers `exponents` of u: coefficients by exponent, and the error. */
function remez(f, from, to, exponents) {
  const size = exponents.length + 1;
  const grid = Array.from(
    { length: 801 },
    (_, i) => (from + to) / 2 - ((to - from) / 2) * Math.cos((Math.PI * i) / 800),
  );
  const values = grid.map(f);
  let reference = Array.from({ length: size }, (_, i) => Math.round((800 * i) / (size - 1)));
  let best = { error: Number.POSITIVE_INFINITY, coefficients: [] };
  for (let round = 0; round < 30; round++) {
    const rows = reference.map((g, i) => [...exponents.map((e) => grid[g] ** e), i % 2 === 0 ? 1 : -1]);
    const solution = solve(
      rows,
      reference.map((g) => values[g]),
    );
    const residual = grid.map(
      (u, g) => values[g] - exponents.reduce((s, e, i) => s + solution[i] * u ** e, 0),
    );
    const error = Math.max(...residual.map(Math.abs));
    if (error < best.error) best = { error, coefficients: solution.slice(0, -1) };
    // The largest residual of each run of one sign; of the runs, the `size` neighbours that end with the largest.
    const peaks = [];
    residual.forEach((r, g) => {
      const last = peaks.at(-1);
      if (last === undefined || Math.sign(r) !== Math.sign(residual[last])) peaks.push(g);
      else if (Math.abs(r) > Math.abs(residual[last])) peaks[peaks.length - 1] = g;
    });
    while (peaks.length > size)
      if (Math.abs(residual[peaks[0]]) < Math.abs(residual[peaks.at(-1)])) peaks.shift();
      else peaks.pop();
    if (peaks.length < size || peaks.every((g, i) => g === reference[i])) break;
    reference = peaks;
  }
  return best;
}

const range = (from, to) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
const errorOf = (f, from, to) => {
  const m = (from + to) / 2;
  return remez((u) => f(m + u), from - m, to - m, range(0, DEGREE)).error;
};
/** Of an odd function around 0: odd powers on one half. */
const oddErrorOf = (f, to) =>
  remez(
    f,
    0,
    to,
    range(0, DEGREE).filter((e) => e % 2 === 1),
  ).error;

/** Largest b in [a, limit] whose piece [a, b] has at most this error. */
function reach(errorFor, a, limit, error) {
  if (errorFor(limit) <= error) return limit;
  let low = a + 1e-3;
  let high = limit;
  for (let i = 0; i < 40; i++) {
    const mid = (low + high) / 2;
    if (errorFor(mid) <= error) low = mid;
    else high = mid;
  }
  return low;
}

/**
 * Knots of an odd function with limit 1 for `count` knots in all, symmetric, so that the error is least: those that are
 * not negative. An even count has a central piece, an odd one a knot at 0.
 */
function placeKnots(f, inverse, count) {
  const attempt = (error) => {
    const end = inverse(1 - error);
    const knots = [count % 2 === 0 ? reach((b) => oddErrorOf(f, b), 0, end, error) : 0];
    while (knots.length < Math.ceil(count / 2)) {
      const a = knots[knots.length - 1];
      knots.push(a >= end ? end : reach((b) => errorOf(f, a, b), a, end, error));
    }
    return { knots, reaches: knots[knots.length - 1] >= end };
  };
  let low = 1e-7;
  let high = 1e-2;
  for (let i = 0; i < 40; i++) {
    const mid = Math.sqrt(low * high);
    if (attempt(mid).reaches) high = mid;
    else low = mid;
  }
  return attempt(high).knots;
}

/** Integer coefficients of u^k at TOTAL_BITS - k * X_BITS fraction bits, the lower ones fitted to what rounding left. */
function integerPiece(
  f,
  m,
  from,
  to,
  parity,
  { degree = DEGREE, xBits = X_BITS, totalBits = TOTAL_BITS } = {},
) {
  const exponents = range(0, degree).filter((e) => parity === undefined || e % 2 === parity);
  const rounded = new Array(degree + 1).fill(0n);
  let rest = (u) => f(m + u);
  for (let top = exponents.length - 1; top >= 0; top--) {
    const { coefficients } = remez(rest, from - m, to - m, exponents.slice(0, top + 1));
    const exponent = exponents[top];
    const scale = 2 ** (totalBits - exponent * xBits);
    const value = Math.round(coefficients[top] * scale);
    rounded[exponent] = BigInt(value);
    const before = rest;
    rest = (u) => before(u) - (value / scale) * u ** exponent;
  }
  return rounded;
}

const onGrid = (x) => Math.round(x * 2 ** X_BITS);
const fromGrid = (x) => x / 2 ** X_BITS;

/** A table in x at X_BITS fraction bits: knots, and a polynomial in x - centre for each piece. */
function fitSymmetric({ value, inverse, odd, low, high, stretch, knots: count }) {
  const knots = placeKnots(odd, inverse, count).map((k) => onGrid(k * stretch));
  const thresholds = [...new Set([...knots.map((k) => 0 - k).reverse(), ...knots])];
  const constant = (v) => ({ centre: 0, coefficients: [BigInt(v) << BigInt(TOTAL_BITS)] });
  const pieces = [constant(low)];
  for (let i = 0; i + 1 < thresholds.length; i++) {
    const from = fromGrid(thresholds[i]);
    const to = fromGrid(thresholds[i + 1]);
    const centre = Math.round((thresholds[i] + thresholds[i + 1]) / 2);
    pieces.push({ centre, coefficients: integerPiece(value, fromGrid(centre), from, to) });
  }
  pieces.push(constant(high));
  return { thresholds, pieces };
}

const functions = {
  tanh: { value: Math.tanh, odd: Math.tanh, inverse: Math.atanh, low: -1, high: 1, stretch: 1, knots: 9 },
  // sigmoid(x) = (1 + tanh(x / 2)) / 2: half the error of tanh with knots at twice the place.
  sigmoid: {
    value: (x) => 1 / (1 + Math.exp(-x)),
    odd: Math.tanh,
    inverse: Math.atanh,
    low: 0,
    high: 1,
    stretch: 2,
    knots: 8,
  },
};

/** Functions of a mantissa from 1/2 to 1, as one polynomial each: see protocols/octaves.ts. */
const MANTISSA = { degree: 4, xBits: 14, totalBits: 60 };
const mantissas = {
  mantissaReciprocal: (m) => 1 / m,
  mantissaSqrt: Math.sqrt,
  mantissaInvSqrt: (m) => 1 / Math.sqrt(m),
  mantissaLog: Math.log,
};

function fitMantissa(f) {
  const { degree, xBits, totalBits } = MANTISSA;
  const coefficients = integerPiece(f, 0.75, 0.5, 1, undefined, MANTISSA);
  let error = 0;
  for (let m = 0.5; m <= 1; m += 1e-5) {
    const u = m - 0.75;
    const y = coefficients.reduce(
      (sum, c, k) => sum + (Number(c) / 2 ** (totalBits - k * xBits)) * u ** k,
      0,
    );
    error = Math.max(error, Math.abs(y - f(m)));
  }
  const table = {
    thresholds: [],
    pieces: [{ centre: 0.75 * 2 ** xBits, coefficients }],
    degree,
    xBits,
    totalBits,
  };
  return { table, error };
}

/** Phi(x) - 1/2 by its series, and by the continued fraction of Mills' ratio where that is short. */
function normalArea(x) {
  const z = Math.abs(x);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z > 5) {
    let ratio = z;
    for (let k = 40; k > 0; k--) ratio = z + k / ratio;
    return Math.sign(x) * (0.5 - density / ratio);
  }
  let sum = 0;
  for (let term = x, k = 1; Math.abs(term) > 1e-18; k += 2) {
    sum += term;
    term *= (x * x) / (k + 2);
  }
  return sum * density;
}

/**
 * A table of a function that is constant outside of from..to: pieces of equal error, with a knot at each place where the
 * function is not smooth. `error` is what a piece may be off.
 */
function fitBounded({ value, from, to, breaks = [], low = 0, high = 0, error }) {
  const knots = [from];
  for (const end of [...breaks, to])
    while (knots.at(-1) < end)
      knots.push(reach((b) => errorOf(value, knots.at(-1), b), knots.at(-1), end, error));
  const thresholds = knots.map(onGrid);
  const constant = (v) => ({ centre: 0, coefficients: [BigInt(v) << BigInt(TOTAL_BITS)] });
  const pieces = [constant(low)];
  for (let i = 0; i + 1 < thresholds.length; i++) {
    const centre = Math.round((thresholds[i] + thresholds[i + 1]) / 2);
    const [a, b] = [fromGrid(thresholds[i]), fromGrid(thresholds[i + 1])];
    pieces.push({ centre, coefficients: integerPiece(value, fromGrid(centre), a, b) });
  }
  pieces.push(constant(high));
  return { thresholds, pieces };
}

/** f less max(x, 0). */
const residue = (f) => (x) => f(x) - Math.max(x, 0);
const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const bounded = {
  erf: {
    value: (x) => 2 * normalArea(x * Math.SQRT2),
    from: -2.75,
    to: 2.75,
    low: -1,
    high: 1,
    error: 1.1e-4,
  },
  geluResidue: {
    value: residue((x) => x * (0.5 + normalArea(x))),
    from: -4.1,
    to: 4.1,
    breaks: [0],
    error: 1.1e-4,
  },
  geluTanhResidue: {
    value: residue((x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))),
    from: -3.9,
    to: 3.9,
    breaks: [0],
    error: 1.1e-4,
  },
  siluResidue: { value: residue((x) => x * sigmoid(x)), from: -11.6, to: 11.6, breaks: [0], error: 1.3e-4 },
  softplusResidue: { value: residue(softplus), from: -9, to: 9, breaks: [0], error: 1.2e-4 },
  mishResidue: {
    value: residue((x) => x * Math.tanh(softplus(x))),
    from: -11.6,
    to: 6.2,
    breaks: [0],
    error: 1.3e-4,
  },
};

/** Largest error of a table in real arithmetic. */
function measure({ thresholds, pieces }, value) {
  let worst = 0;
  for (let x = fromGrid(thresholds[0]) - 8; x <= fromGrid(thresholds.at(-1)) + 8; x += 1e-4) {
    const piece = pieces[thresholds.filter((t) => x >= fromGrid(t)).length];
    const u = x - fromGrid(piece.centre);
    const y = piece.coefficients.reduce(
      (s, c, k) => s + (Number(c) / 2 ** (TOTAL_BITS - k * X_BITS)) * u ** k,
      0,
    );
    worst = Math.max(worst, Math.abs(y - value(x)));
  }
  return worst;
}

function render(name, table, error) {
  const pieces = table.pieces.map(
    ({ centre, coefficients }) =>
      `    { centre: ${centre}, coefficients: [${coefficients.map((c) => `${c}n`).join(', ')}] },`,
  );
  const line = `  pieces: [${pieces[0].trim().slice(0, -1)}],`;
  const list = pieces.length === 1 && line.length <= 110 ? line : `  pieces: [\n${pieces.join('\n')}\n  ],`;
  return `// Generated by packages/mpc/scripts/fit-splines.mjs. Do not edit.
import type { SplineTable } from '../table.js';

/** ${name} by ${table.thresholds.length} thresholds and polynomials of degree ${table.degree ?? DEGREE}: at most 2^${Math.log2(error).toFixed(2)} off before rounding. */
export const ${name}Table: SplineTable = {
  name: '${name}',
  xBits: ${table.xBits ?? X_BITS},
  totalBits: ${table.totalBits ?? TOTAL_BITS},
  thresholds: [${table.thresholds.join(', ')}],
${list}
};
`;
}

const check = process.argv.includes('--check');
const only = process.argv.find((a) => a.startsWith('--knots='));
let stale = false;
function* fits() {
  for (const [name, options] of Object.entries(functions)) {
    const table = fitSymmetric({ ...options, knots: only ? Number(only.slice(8)) : options.knots });
    yield { name, table, error: measure(table, options.value) };
  }
  for (const [name, options] of Object.entries(bounded)) {
    const table = fitBounded(options);
    yield { name, table, error: measure(table, options.value) };
  }
  for (const [name, f] of Object.entries(mantissas)) yield { name, ...fitMantissa(f) };
}

const fileName = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
for (const { name, table, error } of fits()) {
  console.log(`${name}: ${table.thresholds.length} thresholds, error 2^${Math.log2(error).toFixed(2)}`);
  if (only) continue;
  const path = fileURLToPath(new URL(`../src/spline/generated/${fileName(name)}.ts`, import.meta.url));
  const text = render(name, table, error);
  if (!check) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    stale = true;
    console.error(`${path} is not what fit-splines.mjs makes`);
  }
}
if (stale) process.exit(1);
