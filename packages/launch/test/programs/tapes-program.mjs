// A party of tapes.slow.ts: one image of party 1 through the model of party 0.
import { fromOnnx } from '@tacit/launch';

const SHAPE = [1, 1, 28, 28];

export default async (party, [model]) => {
  const network = await fromOnnx(party, model, { src: 0, inputShape: SHAPE });
  await network.encrypt(party, { src: 0 }).prepare();
  const image = Float64Array.from({ length: 784 }, (_, i) => ((i * 37) % 256) / 255);
  const x = party.cryptensor(party.rank === 1 ? image : undefined, { src: 1, shape: SHAPE });
  const plain = await network.forward(x).revealFloat64({ to: 1 });
  return plain && [...plain.data];
};
