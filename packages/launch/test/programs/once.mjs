// What runs once: random choices and files at the top level, an error too; and not inside a party.
import { appendFileSync } from 'node:fs';
import { runMultiprocess, runOnce } from '@tacit/launch';

const [, , transport, log] = process.argv;
const url = import.meta.url;
const first = await runOnce(url, () => {
  appendFileSync(log, 'first\n');
  return { random: Math.random(), typed: Float64Array.of(1, 2) };
});
const second = await runOnce(url, async () => {
  appendFileSync(log, 'second\n');
  throw Object.assign(new TypeError('no more bananas'), { code: 'BANANAS' });
}).catch(({ name, code }) => `${name} ${code}`);
const parties = await runMultiprocess({ worldSize: 2, transport }, url, async () => {
  const inside = await runOnce(url, () => appendFileSync(log, 'inside\n')).catch(({ code }) => code);
  return { first, second, inside };
});
console.log(JSON.stringify({ same: parties.map((p) => p.first.random === first.random), second, parties }));
