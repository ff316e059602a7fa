// Bob: has the digits, learns what the network says about them, and of the network its layers and their sizes.
import { readFileSync } from 'node:fs';
import { nn, npyNumbers, parseNpy } from 'tacit';
import { ALICE, BOB, join, say } from './join.mjs';
import { ROW, rowOf, shownShares, together, traffic, tryToRead } from './observe.mjs';
import { sideBySide } from './picture.mjs';
import { style } from './style.mjs';

const { images, labels, count, batch } = JSON.parse(process.argv[2]);
const print = (line = '') => say('print', line);
const PIXELS = 28 * 28;
const pixels = npyNumbers(parseNpy(readFileSync(images)));
const truth = npyNumbers(parseNpy(readFileSync(labels)));

await join(async (party) => {
  await party.announce({ count, batch }, { src: BOB });

  const load = async (digits) => {
    const network = await nn.fromOnnx(party, undefined, { src: ALICE, inputShape: [digits, 1, 28, 28] });
    await network.encrypt(party, { src: ALICE }).prepare();
    return network;
  };
  const single = await load(1);
  await together(party);
  const setup = traffic(party);
  const batched = await load(batch);
  await together(party);
  traffic(party);

  /** What the network says about `digits` digits from number `from` on. */
  const ask = async (network, from, digits) => {
    const values = pixels.slice(from * PIXELS, (from + digits) * PIXELS).map((v) => v / 255);
    const x = party.cryptensor(values, { src: BOB, shape: [digits, 1, 28, 28] });
    const y = network.forward(x);
    const { data } = await y.reveal({ to: BOB });
    const shares = digits === 1 ? await shownShares(x) : undefined;
    x.dispose();
    y.dispose();
    const answers = Array.from({ length: digits }, (_, i) => likeliest(data.subarray(i * 10, i * 10 + 10)));
    return { answers, shares };
  };
  const likeliest = (logits) => logits.indexOf(Math.max(...logits));

  let began = performance.now();
  const { shares } = await ask(single, 0, 1);
  const one = { ...traffic(party), ms: performance.now() - began };

  began = performance.now();
  const answers = [];
  for (let from = 0; from < count; from += batch) answers.push(...(await ask(batched, from, batch)).answers);
  const all = { ...traffic(party), ms: performance.now() - began, count, batch };

  const shown = Array.from({ length: 6 }, (_, i) => i);
  const caption = (i) =>
    `${answers[i] === truth[i] ? '' : style.bad('wrong: ')}network: ${answers[i]}, label: ${truth[i]}`;
  for (const line of sideBySide(
    shown.map((i) => ({ pixels: rowOf(pixels, i, PIXELS), caption: caption(i) })),
  ))
    print(line);
  const wrong = answers.flatMap((a, i) => (a === truth[i] ? [] : [`#${i} is a ${truth[i]}, read as ${a}`]));
  const accuracy = (count - wrong.length) / count;
  print(style.good(`${count - wrong.length} of ${count} right (${(accuracy * 100).toFixed(1)} %)`));
  if (wrong.length > 0) print(`wrong: ${wrong.join('; ')}`);

  const start = ROW.line * 28 + ROW.from;
  const shownPixels = [...pixels.subarray(start, start + ROW.count)];
  say('result', { accuracy, setup, one, all, shares, shownPixels });
  await tryToRead();
});
