// A wake word in private: one party has a microphone, another the models that hear whether "Alexa" was said. Whether
// it was appears at the microphone's owner only. Two parties and a dealer, as processes connected by WebSockets.
//
//   listener   has the sound, sees no weight, and learns one score for each recording
//   owner      opens the three models, learns nothing of what was said, nor the score
//   dealer     opens nothing; hands out correlated randomness and sees no message of the computation
import { nn, runMultiprocess, stack } from 'tacit';
import { FULL_SCALE, levels, MODELS, WINDOW } from './models.mjs';
import { RECORDINGS, recording, SAMPLES, shown } from './sound.mjs';

const LISTENER = 0;
const OWNER = 1;
const DEALER = 2;

/**
 * Samples are at most this large instead of FULL_SCALE, as the squares in the spectrogram must stay below 2^28:
 * 256, the sum of its window, times 60 is below 2^14. In decibels that is a constant, added afterwards.
 */
const LOUDEST = 60;
const DECIBELS = 20 * Math.log10(FULL_SCALE / LOUDEST);

async function program(party) {
  const load = async (model, inputShape) => {
    const network = await nn.fromOnnx(party, model, { src: OWNER, inputShape });
    await network.encrypt(party, { src: OWNER }).prepare(); // sends the weights, masked, once
    return network;
  };
  const { frames, bands, step, count } = WINDOW;
  const spectrogram = await load(MODELS.spectrogram, [1, SAMPLES]);
  const speech = await load(MODELS.speech, [count, frames, bands, 1]);
  const word = await load(MODELS.word, [1, count, 96]);

  const score = (sound) => {
    const decibels = spectrogram.forward(sound);
    const image = decibels.add(DECIBELS).div(levels.divisor).add(levels.offset).reshape([-1, bands, 1]);
    const windows = Array.from({ length: count }, (_, i) => image.slice([i * step], [i * step + frames]));
    return word.forward(speech.forward(stack(windows, 0)).reshape([1, count, 96]));
  };

  const costs = [];
  for (const file of RECORDINGS) {
    const samples = party.rank === LISTENER ? recording(file) : undefined;
    party.stats.reset();
    const began = performance.now();
    const sound = party.cryptensor(
      samples?.map((v) => v * LOUDEST),
      { src: LISTENER, shape: [1, SAMPLES] },
    );
    const told = await score(sound).reveal({ to: LISTENER });
    const ms = performance.now() - began;
    const { peers, rounds } = party.stats.snapshot();
    costs.push({ rounds, sent: peers[1 - party.rank].bytesSent, dealt: peers[DEALER].bytesReceived });
    if (samples) party.notify({ file, drawn: shown(samples), score: told.data[0], ms });
  }
  return costs;
}

function onEvent({ type, data }) {
  if (type !== 'notice') return;
  const { file, drawn, score, ms } = data;
  console.log(`${file.padEnd(12)} ${drawn}  ${score.toFixed(3)}  ${(ms / 1000).toFixed(1)} s`);
}
const launch = { worldSize: 2, transport: 'ws', onEvent };
const costs = await runMultiprocess(launch, import.meta.url, program);

const [listener, owner] = costs.map(([first]) => first);
const MB = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
console.log(`\neach recording: ${listener.rounds} rounds, ${MB(listener.sent)} from the listener, ${MB(owner.sent)} from
                the owner, ${MB(listener.dealt + owner.dealt)} from the dealer`);
