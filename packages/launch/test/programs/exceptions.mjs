// A party throws; the error is caught, and a later call still works (the parties get the same error when they replay).
import { PartyError, runMultiprocess } from '@tacit/launch';

const transport = process.argv[2] ?? 'threads';
let caught;
try {
  await runMultiprocess({ worldSize: 3, transport }, import.meta.url, async (party) => {
    const x = party.cryptensor([1, 2], { src: 0 });
    if (party.rank === 1) throw Object.assign(new TypeError('no more bananas'), { code: 'BANANAS' });
    return (await x.getPlainText()).data;
  });
} catch (error) {
  caught = error;
}
const describe = (e) => ({
  isPartyError: e instanceof PartyError,
  code: e.code,
  rank: e.rank,
  message: e.message,
  cause: {
    name: e.cause.name,
    code: e.cause.code,
    message: e.cause.message,
    stack: e.cause.stack.includes('exceptions.mjs'),
  },
});
const seen = await runMultiprocess({ worldSize: 2, transport }, import.meta.url, () => describe(caught));
console.log(JSON.stringify({ here: describe(caught), there: seen[1] }));
