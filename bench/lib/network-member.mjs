// One member of networks.mjs: the model's owner (0), the client (1) or the dealer (2), in a process of its own.
import { readFileSync } from 'node:fs';
import { architectureOf, buildGraph, graphFromArchitecture, parseOnnx, specialize } from '@tacit/onnx';
import { joinSession, listen, nn, runDealer } from 'tacit';
import { cpuMs } from './measure.mjs';

const OWNER = 0;
const CLIENT = 1;
const DEALER = 2;

const heard = () => new Promise((resolve) => process.once('message', resolve));

async function infer(party, { model: name, input, mode, warmUps, repetitions }) {
  const file = new URL(`../../fixtures/${name}/model.onnx`, import.meta.url);
  const options = { inputShapes: { input: ['batch', ...input.slice(1)] } };
  const own = party.rank === OWNER ? buildGraph(parseOnnx(readFileSync(file)), options) : undefined;
  const architecture = await party.announce(own && architectureOf(own), { src: OWNER });
  const model = own ?? graphFromArchitecture(architecture);
  const network = new nn.Graph(specialize(model, { [model.inputs[0].name]: input }));
  network.encrypt(party, { src: OWNER, mode });
  await network.prepare();
  const length = input.reduce((a, b) => a * b, 1);
  const image = Float64Array.from({ length }, (_, i) => ((i * 37) % 256) / 255);
  const times = [];
  const cpu = [];
  let traffic = {};
  const { stats } = party.engine;
  for (let i = -warmUps; i < repetitions; i++) {
    const before = stats.snapshot();
    const usedBefore = process.cpuUsage();
    const began = performance.now();
    const x = party.cryptensor(party.rank === CLIENT ? image : undefined, { src: CLIENT, shape: input });
    const y = network.forward(x);
    await y.revealFloat64({ to: CLIENT });
    if (i >= 0) {
      times.push(performance.now() - began);
      cpu.push(cpuMs(usedBefore));
    }
    const sent = stats.since(before);
    traffic = {
      rounds: y.rounds + 1, // it is rounded on its way
      sent: sent.peers[1 - party.rank].payloadBytesSent,
      frames: sent.peers[1 - party.rank].framesSent,
      dealt: sent.peers[DEALER].payloadBytesReceived,
    };
    x.dispose();
    y.dispose();
    // The next image comes when its sender has seen the answer to this one, and the other side knows that.
    await party.announce(party.rank === CLIENT ? 'next' : undefined, { src: CLIENT });
  }
  network.dispose();
  return { times, cpu, memory: process.resourceUsage().maxRSS * 1024, ...traffic };
}

const { rank, host, ...plan } = await heard();
const hub = await listen({ host });
process.send(hub.address);
const session = { worldSize: 2, sessionId: 'network', listen: hub, ...(await heard()) };
const result =
  rank === DEALER
    ? await runDealer(session)
    : await joinSession({ rank, ...session }, (party) => infer(party, plan));
await hub.close();
process.send(result, () => process.disconnect());
