// Parties that do not fit together: one that never answers, and two that run different programs.
import { runMultiprocess } from '@tacit/launch';

const report = async (promise) => {
  const error = await promise.then(
    () => ({}),
    (e) => e,
  );
  return { code: error.cause?.code, message: error.message };
};
// The time limit holds for the start of the parties, too, which takes a while on a busy machine.
const stuck = await report(
  runMultiprocess({ worldSize: 2, timeoutMs: 5000 }, import.meta.url, async (party) => {
    if (party.rank === 1) for (;;);
    return (await party.cryptensor([1], { src: 0 }).relu().getPlainText()).data;
  }),
);
const different = await report(
  runMultiprocess({ worldSize: 2, timeoutMs: 8000 }, import.meta.url, async (party) => {
    const x = party.cryptensor([1, 2], { src: 0 });
    return (await (party.rank === 0 ? x.relu() : x.square()).getPlainText()).data;
  }),
);
console.log(JSON.stringify({ stuck, different }));
