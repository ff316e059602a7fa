// One member of bench/tapes.mjs: the model's owner (0), the client (1) or the dealer (2), in a process of its own. With a
// tape there is no dealer; without one the client records the plan of what it does.
import { readFileSync } from 'node:fs';
import { encodePlan, liveDealer, recording } from '@tacit/mpc';
import { architectureOf, buildGraph, graphFromArchitecture, parseOnnx, specialize } from '@tacit/onnx';
import { readTapeKey, tapes } from '@tacit/tapes';
import { joinSession, listen, nn, runDealer } from 'tacit';

const OWNER = 0;
const CLIENT = 1;
const DEALER = 2;
const MODEL = 'mnist_cnn_bn';
const INPUT = [1, 1, 28, 28];

const heard = () => new Promise((resolve) => process.once('message', resolve));

async function infer(party, { warmUps, repetitions }) {
  const file = new URL(`../../fixtures/${MODEL}/model.onnx`, import.meta.url);
  const options = { inputShapes: { input: ['batch', ...INPUT.slice(1)] } };
  const own = party.rank === OWNER ? buildGraph(parseOnnx(readFileSync(file)), options) : undefined;
  const architecture = await party.announce(own && architectureOf(own), { src: OWNER });
  const model = own ?? graphFromArchitecture(architecture);
  const network = new nn.Graph(specialize(model, { [model.inputs[0].name]: INPUT }));
  network.encrypt(party, { src: OWNER });
  await network.prepare();
  const image = Float64Array.from({ length: 28 * 28 }, (_, i) => ((i * 37) % 256) / 255);
  const times = [];
  let traffic = {};
  const { stats } = party.engine;
  for (let i = -warmUps; i < repetitions; i++) {
    const before = stats.snapshot();
    const began = performance.now();
    const x = party.cryptensor(party.rank === CLIENT ? image : undefined, { src: CLIENT, shape: INPUT });
    const y = network.forward(x);
    await y.revealFloat64({ to: CLIENT });
    if (i >= 0) times.push(performance.now() - began);
    const sent = stats.since(before);
    traffic = {
      rounds: y.rounds + 1, // it is rounded on its way
      sent: sent.peers[1 - party.rank].payloadBytesSent,
      frames: sent.peers[1 - party.rank].framesSent,
      dealt: sent.peers[DEALER]?.payloadBytesReceived ?? 0,
    };
    x.dispose();
    y.dispose();
    // The next image comes when its sender has seen the answer to this one, and the other side knows that.
    await party.announce(party.rank === CLIENT ? 'next' : undefined, { src: CLIENT });
  }
  network.dispose();
  return { times, ...traffic };
}

const { rank, host, ...plan } = await heard();
const hub = await listen({ host });
process.send(hub.address);
const { tape, ...others } = await heard();
const session = { worldSize: 2, sessionId: 'network', listen: hub, ...others };
const operations = [];
const randomness = tape
  ? tapes({ ...tape, keys: await readTapeKey(tape.key) })
  : recording(liveDealer(), (operation) => operations.push(operation));
const result =
  rank === DEALER
    ? await runDealer(session)
    : await joinSession({ rank, randomness, ...session }, async (party) => {
        const measured = await infer(party, plan);
        const { config, parties } = party.engine;
        return { ...measured, plan: rank === CLIENT && encodePlan({ parties, config, operations }) };
      });
await hub.close();
process.send(result, () => process.disconnect());
