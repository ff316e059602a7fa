// npm run bench [-- WORD ...] [--suite NAME] [--quick]: runs the suites, prints tables, writes bench/results/latest.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { table } from './lib/measure.mjs';

const SUITES = [
  'kernels',
  'protocols',
  'models',
  'launch',
  'channel',
  'he',
  'gradients',
  'lock',
  'transforms',
  'explain',
];
const { values, positionals } = parseArgs({
  options: {
    suite: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
  allowPositionals: true,
});
if (values.help) {
  console.log(
    `npm run bench -- [WORD ...] [--suite ${SUITES.join('|')}] [--quick]\nRuns benchmarks whose names contain one of the words (all without words).`,
  );
  process.exit(0);
}
const suites = values.suite ?? SUITES;
for (const name of suites)
  if (!SUITES.includes(name)) {
    console.error(`there is no suite '${name}'; there are ${SUITES.join(', ')}`);
    process.exit(2);
  }
process.env.TACIT_BENCH_WORDS = JSON.stringify(positionals);
if (values.quick) process.env.TACIT_BENCH_QUICK = '1';

const results = {
  date: new Date().toISOString(),
  node: process.version,
  cpu: os.cpus()[0]?.model,
  cores: os.availableParallelism(),
};
for (const name of suites) {
  process.stderr.write(`${name} ...\n`);
  const { rows } = await import(`./${name}.mjs`);
  if (rows.length === 0) continue;
  results[name] = rows;
  console.log(`\n${name}\n${table(rows)}`);
}
if (Object.keys(results).length === 4) {
  console.error(`no benchmark is called ${positionals.join(' or ')}`);
  process.exit(1);
}
const folder = new URL('./results/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('latest.json', folder), `${JSON.stringify(results, null, 2)}\n`);
console.log('\nwritten to bench/results/latest.json');
