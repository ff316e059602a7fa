import { runMultiprocess } from 'tacit';

const ALICE = 0,
  BOB = 1;

const [seenByAlice] = await runMultiprocess({ worldSize: 2 }, import.meta.url, async (party) => {
  const x = party.cryptensor(
    [
      [1, -2],
      [3, 4],
    ],
    { src: ALICE },
  ); // only Alice's argument is used
  const w = await party.loadFromParty('weights.npy', { src: BOB }); // only Bob opens the file
  const y = x.matmul(w).relu(); // returns at once: a handle
  return y.getPlainText(); // Promise<Tensor>; reveal({ to: ALICE }) tells one party
});

console.log(JSON.stringify({ dims: seenByAlice.dims, data: Array.from(seenByAlice.data as Float32Array) }));
