import { runParties, words } from './helpers/parties.ts';
import { tanh, shareInput } from '../src/index.ts';
const n = Number(process.env.N ?? 2304);
const scale = Number(process.env.SCALE ?? 32);
const o = await runParties(2, async (s) => {
  const v = words(Array.from({ length: n }, (_, i) => BigInt(i * 7919 % 400000 - 200000) << 16n));
  const x = shareInput(s, 0, [n], s.rank === 0 ? v : undefined);
  await x.value;
  const all: number[] = [];
  for (let i = 0; i < 300; i++) { const t = performance.now(); const y = tanh(s, x, scale); await y.value; all.push(performance.now() - t); y.dispose(); }
  return all.sort((a,b)=>a-b)[150];
});
console.log(n, scale, o.results.map((r) => r.toFixed(2)));
