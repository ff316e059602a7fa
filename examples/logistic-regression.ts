/**
 * Logistic regression on tables of two organisations: two clinics, each with a .csv file of its own patients and the same
 * columns, and one model of the risk that both use afterwards.
 *
 *     npm ci && npm run build
 *     npx tsx examples/logistic-regression.ts
 *
 * Columns of different units are standardised first, by means and variances over the patients of both, which are computed
 * in private and shown to nobody. Training is gradient descent with momentum, by a formula of the gradient. The same is
 * done in the clear, in double precision, to compare.
 *
 * Who learns what: both clinics learn how many patients the other has, and the coefficients, in units of standard
 * deviations. Means, deviations, patients, and outcomes stay with their clinic; predictions for patients of clinic B are
 * made in private, since they need the means, and told to clinic B only.
 *
 * The lines after "// →" are what it prints; … stands for what differs each time.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CrypTensor, cat, runMultiprocess, runOnce, tidy } from 'tacit';
import { normal, uniform } from './shared/random.js';

const CLINIC_A = 0;
const CLINIC_B = 1;
const COLUMNS = ['age', 'pressure', 'cholesterol', 'smoker'];
const STEPS = 60;
const RATE = 1;
const MOMENTUM = 0.8;
const url = import.meta.url;

// Files of patients: made up, with a risk that grows with age, blood pressure, cholesterol and smoking.
const folder = await runOnce(url, () => {
  const folder = mkdtempSync(join(tmpdir(), 'logistic-regression-'));
  const [number, coin] = [normal(1), uniform(2)];
  for (const [name, count, age] of [
    ['clinic-a', 250, 48],
    ['clinic-b', 150, 61],
  ] as const) {
    const lines = Array.from({ length: count }, () => {
      const patient = [age + 12 * number(), 128 + 15 * number(), 5.2 + number(), Number(coin() < 0.3)];
      const risk = (patient[0] - 52) / 12 + (patient[1] - 128) / 20 + (patient[2] - 5) / 2 + patient[3] - 0.4;
      const ill = Number(coin() < 1 / (1 + Math.exp(-1.5 * risk)));
      return [...patient.map((v) => v.toFixed(1)), ill].join(',');
    });
    writeFileSync(join(folder, `${name}.csv`), [[...COLUMNS, 'ill'].join(','), ...lines, ''].join('\n'));
  }
  return folder;
});
const files = ['clinic-a', 'clinic-b'].map((name) => join(folder, `${name}.csv`));

const results = await runMultiprocess({ worldSize: 2 }, url, async (party) => {
  const tables = await Promise.all(files.map((path, src) => party.loadFromParty(path, { src })));
  const patients = cat(tables);
  const raw = columns(patients);
  const outcome = patients.narrow(1, COLUMNS.length, 1);

  // (x - mean) / deviation, of all patients of both. Rounds, but no message that says anything.
  const mean = raw.mean(0, true);
  const inverse = raw.variance(0, { keepDims: true, unbiased: false }).invSqrt();
  const standard = raw.sub(mean).mul(inverse);

  const n = outcome.size;
  let w = party.zeros([COLUMNS.length, 1]);
  let b = party.zeros([1, 1]);
  let [dw, db] = [w.clone(), b.clone()];
  for (let step = 0; step < STEPS; step++)
    ({ w, b, dw, db } = tidy(party.context, () => {
      const error = standard
        .matmul(w)
        .add(b)
        .sigmoid()
        .sub(outcome)
        .mul(1 / n);
      const [nextW, nextB] = [
        dw.mul(MOMENTUM).add(standard.t().matmul(error)),
        db.mul(MOMENTUM).add(error.sum([0, 1], true)),
      ];
      return { w: w.sub(nextW.mul(RATE)), b: b.sub(nextB.mul(RATE)), dw: nextW, db: nextB };
    }));

  const own = columns(tables[CLINIC_B]).sub(mean).mul(inverse);
  const risks = await own.matmul(w).add(b).sigmoid().reveal({ to: CLINIC_B });
  const told = await cat([w, b]).revealFloat64();
  return {
    coefficients: told && Array.from(told.data),
    risks: risks && Array.from(risks.data as Float32Array),
  };
});

/** All but the outcome. */
function columns(table: CrypTensor): CrypTensor {
  return table.narrow(1, 0, COLUMNS.length);
}

// The same in the clear.
const tables = files.map((path) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number)),
);
const all = tables.flat();
const means = COLUMNS.map((_, k) => all.reduce((sum, row) => sum + row[k], 0) / all.length);
const deviations = COLUMNS.map((_, k) =>
  Math.sqrt(all.reduce((sum, row) => sum + (row[k] - means[k]) ** 2, 0) / all.length),
);
const standard = (row: number[]) => [...COLUMNS.map((_, k) => (row[k] - means[k]) / deviations[k]), 1];
const risk = (row: number[], w: number[]) =>
  1 / (1 + Math.exp(-standard(row).reduce((sum, v, k) => sum + v * w[k], 0)));
const w = new Array<number>(COLUMNS.length + 1).fill(0);
const velocity = [...w];
for (let step = 0; step < STEPS; step++) {
  const gradient = w.map(
    (_, k) =>
      all.reduce((sum, row) => sum + (risk(row, w) - row[COLUMNS.length]) * standard(row)[k], 0) / all.length,
  );
  gradient.forEach((g, k) => {
    velocity[k] = MOMENTUM * velocity[k] + g;
  });
  velocity.forEach((v, k) => {
    w[k] -= RATE * v;
  });
}

const coefficients = results[CLINIC_A].coefficients ?? [];
[...COLUMNS, 'constant'].forEach((name, k) => {
  console.log(`${name}: ${coefficients[k].toFixed(2)}, in the clear ${w[k].toFixed(2)}`);
});
// → age: …, in the clear 1.88
// → pressure: …, in the clear 0.86
// → cholesterol: …, in the clear 0.57
// → smoker: …, in the clear 0.68
// → constant: …, in the clear 0.25
console.log(
  'off by less than 0.01:',
  coefficients.every((v, k) => Math.abs(v - w[k]) < 0.01),
); // → off by less than 0.01: true

const risks = results[CLINIC_B].risks ?? [];
const right = tables[CLINIC_B].filter((row, i) => risks[i] > 0.5 === row[COLUMNS.length] > 0.5).length;
const expected = tables[CLINIC_B].filter((row) => risk(row, w) > 0.5 === row[COLUMNS.length] > 0.5).length;
console.log(`clinic B learns ${risks.length} risks, ${right} on the right side; in the clear ${expected}`); // → clinic B learns 150 risks, 11… on the right side; in the clear 115
console.log('clinic A learns', results[CLINIC_A].risks); // → clinic A learns undefined
rmSync(folder, { recursive: true });
