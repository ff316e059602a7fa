// Alice: has the model, learns how many digits were asked for and how large they are, and nothing about them.
import { nn } from 'tacit';
import { ALICE, BOB, join, say } from './join.mjs';
import { shownShares, together, traffic, tryToRead } from './observe.mjs';

const { model } = JSON.parse(process.argv[2]);
await join(async (party) => {
  const { count, batch } = await party.announce(undefined, { src: BOB });
  const load = async (digits) => {
    const network = await nn.fromOnnx(party, model, { src: ALICE, inputShape: [digits, 1, 28, 28] });
    await network.encrypt(party, { src: ALICE }).prepare(); // sends the weights, masked, once
    return network;
  };
  const single = await load(1);
  await together(party);
  const setup = traffic(party);
  const batched = await load(batch);
  await together(party);
  traffic(party);

  /** Alice's half of one call: she issues the same operations, and is not told the result. */
  const answer = async (network, digits) => {
    const x = party.cryptensor(undefined, { src: BOB, shape: [digits, 1, 28, 28] });
    const y = network.forward(x);
    await y.reveal({ to: BOB });
    const shares = digits === 1 ? await shownShares(x) : undefined;
    x.dispose();
    y.dispose();
    return shares;
  };
  const shares = await answer(single, 1);
  const one = traffic(party);
  for (let from = 0; from < count; from += batch) await answer(batched, batch);
  const all = traffic(party);

  say('view', { shares, setup, one, all });
  await tryToRead();
});
