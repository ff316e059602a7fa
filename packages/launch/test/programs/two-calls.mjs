// Two calls in one script, and output around them.
import { runMultiprocess } from '@tacit/launch';

const transport = process.argv[2] ?? 'threads';
console.log('top');
const first = await runMultiprocess({ worldSize: 2, transport }, import.meta.url, async (party) => {
  const x = party.cryptensor(
    [
      [1, -2],
      [3, 4],
    ],
    { src: 0 },
  );
  console.log(`first ${party.rank}`);
  return x.add(1).getPlainText();
});
console.log('between', first[0].constructor.name, first[1].dims, Array.from(first[1].data));
const factor = first[0].data[0];
const second = await runMultiprocess({ worldSize: 3, transport }, import.meta.url, async (party) => {
  const x = party.cryptensor([2, 3], { src: 2 });
  return { rank: party.rank, values: Array.from((await x.mul(factor).getPlainText()).data) };
});
console.log('end', JSON.stringify(second));
