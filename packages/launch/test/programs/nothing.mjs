import { runMultiprocess } from '@tacit/launch';

const began = performance.now();
const results = await runMultiprocess({ worldSize: 2 }, import.meta.url, async (party) => party.rank * 10);
console.log(JSON.stringify({ results, ms: Math.round(performance.now() - began) }));
