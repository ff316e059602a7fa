// One member of networks.mjs: the model's owner (0), the client (1) or the dealer (2), in a process of its own. With a tape
// there is no dealer.
import { fileURLToPath } from 'node:url';
import { encodePlan, liveDealer, recording } from '@tacit/mpc';
import { readTapeKey, tapes } from '@tacit/tapes';
import { joinSession, listen, nn, runDealer } from 'tacit';
import { cpuMs } from './measure.mjs';

const OWNER = 0;
const CLIENT = 1;
const DEALER = 2;

const heard = () => new Promise((resolve) => process.once('message', resolve));

async function infer(party, { model: name, input, mode, warmUps, repetitions }) {
  const file = fileURLToPath(new URL(`../../fixtures/${name}/model.onnx`, import.meta.url));
  const network = await nn.fromOnnx(party, file, { src: OWNER, inputShape: input });
  network.encrypt(party, { src: OWNER, mode });
  await network.prepare();
  const length = input.reduce((a, b) => a * b, 1);
  const image = Float64Array.from({ length }, (_, i) => ((i * 37) % 256) / 255);
  const times = [];
  const cpu = [];
  let traffic = {};
  const { stats } = party.engine;
  for (let i = -warmUps; i < repetitions; i++) {
    stats.reset();
    const usedBefore = process.cpuUsage();
    const began = performance.now();
    const x = party.cryptensor(party.rank === CLIENT ? image : undefined, { src: CLIENT, shape: input });
    const y = network.forward(x);
    await y.revealFloat64({ to: CLIENT });
    if (i >= 0) {
      times.push(performance.now() - began);
      cpu.push(cpuMs(usedBefore));
    }
    const sent = stats.snapshot();
    traffic = {
      rounds: sent.rounds,
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
  return { times, cpu, memory: process.resourceUsage().maxRSS * 1024, ...traffic };
}

const { rank, host, record, ...plan } = await heard();
const hub = await listen({ host });
process.send(hub.address);
const { tape, ...others } = await heard();
const session = { worldSize: 2, sessionId: 'network', listen: hub, ...others };
const operations = [];

async function randomness() {
  if (tape) return tapes({ ...tape, keys: await readTapeKey(tape.key) });
  return record ? recording(liveDealer(), (operation) => operations.push(operation)) : undefined;
}

async function takePart() {
  return joinSession({ rank, randomness: await randomness(), ...session }, async (party) => {
    const measured = await infer(party, plan);
    const { config, parties } = party.engine;
    return { ...measured, plan: record && rank === CLIENT && encodePlan({ parties, config, operations }) };
  });
}

const result = await (rank === DEALER ? runDealer(session) : takePart());
await hub.close();
process.send(result, () => process.disconnect());
