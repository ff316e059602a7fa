import { runMultiprocess } from '@tacit/launch';

const results = await runMultiprocess({ worldSize: 2 }, import.meta.url, async (party) => party.rank * 10);
console.log(JSON.stringify({ results }));
