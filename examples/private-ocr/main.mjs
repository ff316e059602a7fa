// Private reading: one party has pictures of lines of text, another the network that reads. The text appears at the
// owner of the pictures only. Two parties and a dealer, as processes connected by WebSockets.
//
//   client   draws the pictures, sees no weight, and learns the likeliest character of each step, no score
//   reader   opens ch_PP-OCRv4_rec_infer.onnx, sees no picture and no text
//   dealer   opens nothing; hands out correlated randomness and sees no message of the computation
import { nn, runMultiprocess } from 'tacit';
import { characters, model, readLines } from './assets.mjs';
import { decode } from './ctc.mjs';
import { HEIGHT, normalised, picture, shown, WIDTH } from './picture.mjs';

const CLIENT = 0;
const READER = 1;
const DEALER = 2;
/** All pictures have one size, so that the reader does not see how long a text is. */
const shape = [1, 3, HEIGHT, WIDTH];

async function program(party) {
  const lines = party.rank === CLIENT ? readLines() : undefined;
  const count = await party.announce(lines?.length, { src: CLIENT });
  const network = await nn.fromOnnx(party, model, { src: READER, inputShape: shape });
  await network.encrypt(party, { src: READER }).prepare(); // sends the weights, masked, once

  const costs = [];
  for (let i = 0; i < count; i++) {
    const grey = lines && picture(lines[i]);
    party.stats.reset();
    const began = performance.now();
    const x = party.cryptensor(grey && normalised(grey), { src: CLIENT, shape });
    const scores = network.forward(x);
    const classes = scores.argmax(-1);
    const told = await classes.reveal({ to: CLIENT });
    const ms = performance.now() - began;
    for (const tensor of [x, scores, classes]) tensor.dispose();
    const { peers, rounds } = party.stats.snapshot();
    costs.push({ rounds, sent: peers[1 - party.rank].bytesSent, dealt: peers[DEALER].bytesReceived });
    if (!lines) continue;
    const text = decode(told.data, characters).trim();
    party.notify({ drawn: shown(grey), text, right: text === lines[i], ms });
  }
  return costs;
}

const readings = [];
function onEvent({ type, data }) {
  if (type !== 'notice') return;
  readings.push(data);
  console.log([...data.drawn, `→ ${data.text}   ${(data.ms / 1000).toFixed(1)} s`, ''].join('\n'));
}
const launch = { worldSize: 2, transport: 'ws', onEvent };
const costs = await runMultiprocess(launch, import.meta.url, program);

const [client, reader] = costs.map(([first]) => first);
const MB = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
const right = readings.filter((reading) => reading.right).length;
console.log(`${right} of ${readings.length} lines read right`);
console.log(`each line: ${client.rounds} rounds, ${MB(client.sent)} from the client, ${MB(reader.sent)} from
           the reader, ${MB(client.dealt + reader.dealt)} from the dealer`);
if (right < readings.length) process.exitCode = 1;
