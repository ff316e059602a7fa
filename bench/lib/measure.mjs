/** Timing and tables for the benchmarks. */

/** Words of the command line that select benchmarks; a worker gets them through the environment. */
const words = () => JSON.parse(process.env.TACIT_BENCH_WORDS ?? '[]');
export const quick = () => process.env.TACIT_BENCH_QUICK === '1';

/** Whether a benchmark was asked for. */
export const wanted = (name) => words().length === 0 || words().some((w) => name.includes(w));

export const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

/** Processor milliseconds of all threads of this process since `start` (process.cpuUsage()). */
export function cpuMs(start) {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** Median milliseconds of f, after a warm-up. */
export function time(f, repetitions = quick() ? 5 : 15) {
  for (let i = 0; i < 3; i++) f();
  const times = [];
  for (let i = 0; i < repetitions; i++) {
    const started = performance.now();
    f();
    times.push(performance.now() - started);
  }
  return median(times);
}

const show = (value) => {
  if (value === undefined) return '';
  if (typeof value !== 'number') return String(value);
  if (Number.isInteger(value)) return value.toLocaleString('en');
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
};

/** Rows as an aligned table; columns in the order of their first appearance. */
export function table(rows) {
  const columns = [...new Set(rows.flatMap((r) => Object.keys(r)))];
  const cells = [columns, ...rows.map((r) => columns.map((c) => show(r[c])))];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  return cells
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
    )
    .join('\n');
}
