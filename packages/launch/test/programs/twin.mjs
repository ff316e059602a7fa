// A program in the clear, and with its twin beside it.
import { runMultiprocess, runPlain } from '@tacit/launch';

const url = import.meta.url;
const mean = async (party) => {
  const x = party.cryptensor([3, -5, 8], { src: 1 });
  const w = party.owned([2, 4, 6], { src: 0, shape: [3] });
  return [party.worldSize, await x.mul(w).relu().mean().item()];
};
const square = async (party) => {
  const x = party.cryptensor([3, 20_000], { src: 0 });
  const y = x.add(1).square();
  return Array.from((await y.relu().getPlainText()).data);
};
const plain = await runPlain(url, mean);
const three = await runPlain(url, mean, { worldSize: 3 });
const right = await runMultiprocess({ worldSize: 3, twin: 'check' }, url, mean);
const [wrong, inPlain] = await Promise.all(
  ['additive', 'plain'].map((suite) =>
    runMultiprocess({ worldSize: 2, twin: 'check', suite }, url, square).then(
      () => 'nothing',
      ({ cause }) => ({ code: cause.code, message: cause.message }),
    ),
  ),
);
console.log(JSON.stringify({ plain, three, right, wrong, inPlain }));
