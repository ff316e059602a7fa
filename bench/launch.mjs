// Starting and ending parties, and the memory of all of them together.
import { runMultiprocess } from 'tacit';
import { median, quick, wanted } from './lib/measure.mjs';

export const rows = [];
for (const transport of ['threads', 'ws']) {
  const name = `launch of 2 parties and a dealer that do nothing, ${transport}`;
  if (!wanted(name)) continue;
  const times = [];
  for (let i = 0; i < (quick() ? 3 : 7); i++) {
    const started = performance.now();
    await runMultiprocess({ worldSize: 2, transport }, import.meta.url, () => undefined);
    times.push(performance.now() - started);
  }
  rows.push({ what: name, ms: median(times) });
}
