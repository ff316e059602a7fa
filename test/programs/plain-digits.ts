/** mnist_cnn_bn in the plain suite, in both modes: prints the largest error. Run by plain.test.ts. */
import { fixtureArray, fixtureBytes } from '@tacit/testing/fixtures';
import { nn, runInProcess } from 'tacit';

const { shape, data } = fixtureArray('mnist_cnn_bn/input.npy');
const expected = fixtureArray('mnist_cnn_bn/output.npy').data;
for (const mode of ['owned', 'shared'] as const) {
  const [nothing, found] = await runInProcess({ worldSize: 2 }, async (party) => {
    const model = party.rank === 0 ? fixtureBytes('mnist_cnn_bn/model.onnx') : new Uint8Array(0);
    const network = await nn.fromOnnx(party, model, { src: 0, inputShape: shape });
    await network.encrypt(party, { src: 0, mode }).prepare();
    const x = party.cryptensor(party.rank === 1 ? data : undefined, { src: 1, shape });
    return network.forward(x).revealFloat64({ to: 1 });
  });
  if (nothing !== undefined || found?.data.length !== expected.length) throw new Error('wrong results');
  console.log(Math.max(...found.data.map((v, i) => Math.abs(v - expected[i]))));
}
