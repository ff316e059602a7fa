// node bench/serve.mjs [--clients N] [--questions N] [--quick]: a service with the fixtures' CNN in one process with its
// dealer, and clients in another. What a new client waits for, what a question takes, and whether eight clients at once get
// as much done as one alone; beside them the same inference without a service, in three processes. Build before.
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { startTrial } from '@tacit/service';
import { median, table } from './lib/measure.mjs';
import { overLoopback } from './lib/networks.mjs';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '8' },
    questions: { type: 'string', default: '1000' },
    quick: { type: 'boolean', default: false },
  },
});
const clients = Number(values.clients);
const questions = values.quick ? 200 : Number(values.questions);
const model = new URL('../fixtures/mnist_cnn_bn/model.onnx', import.meta.url).pathname;

const [, near] = await overLoopback({
  model: 'mnist_cnn_bn',
  input: [1, 1, 28, 28],
  mode: 'owned',
  repetitions: 35,
  warmUps: 5,
});
const bare = median(near.times);

const service = await startTrial({
  models: [{ name: 'cnn', file: model }],
  sessions: clients + 4,
  logLevel: process.env.LOG,
  spares: 2,
});
const invite = await service.invite({ model: 'cnn' });
const child = fork(new URL('./lib/serve-clients.mjs', import.meta.url), { serialization: 'advanced' });
const asked = (task) =>
  new Promise((resolve, reject) => {
    const ended = (code) => reject(new Error(`the clients ended with code ${code}`));
    child.once('exit', ended);
    child.once('message', (answer) => {
      child.off('exit', ended);
      resolve(answer);
    });
    child.send({ invite, ...task });
  });
/** The most memory of service and dealer while something is under way, in MB. */
async function withMemory(work) {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss() / 1e6);
  }, 100);
  const done = await work;
  clearInterval(timer);
  return { ...done, most: Math.round(most) };
}

/** Until threads have read the model and rehearsed. */
const READY_MS = 4000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
try {
  await pause(READY_MS);
  const firsts = [];
  const connects = [];
  const later = [];
  for (let i = 0; i < (values.quick ? 3 : 7); i++) {
    const { connectMs, times } = await asked({ clients: 1, questions: 40 });
    connects.push(connectMs[0]);
    firsts.push(connectMs[0] + times[0]);
    later.push(median(times.slice(5)));
    await pause(READY_MS);
  }
  const rows = [
    ['first answer of a new client', `${median(firsts.slice(1)).toFixed(0)} ms`, '400 ms'],
    ['  of which connect()', `${median(connects.slice(1)).toFixed(0)} ms`, ''],
    ['later ones, median', `${median(later).toFixed(1)} ms`, '15 ms'],
    ['  of the same inference without a service', `${(median(later) / bare).toFixed(2)} x`, ''],
  ];
  const alone = await asked({ clients: 1, questions: Math.ceil(questions / 4), atOnce: 4 });
  const half = await withMemory(asked({ clients, questions: questions / 2, atOnce: 1 }));
  const all = await withMemory(asked({ clients, questions: questions / 2, atOnce: 1 }));
  const perSecond = ({ questions: count, ms }) => (1000 * count) / ms;
  const together = { questions: half.questions + all.questions, ms: half.ms + all.ms };
  const single = await asked({ clients: 1, questions: Math.ceil(questions / 4), atOnce: 1 });
  rows.push(
    ['one client, one question at a time', `${perSecond(single).toFixed(1)} / s`, ''],
    ['one client, four questions at once', `${perSecond(alone).toFixed(1)} / s`, ''],
    [
      `${clients} clients at once, ${together.questions} questions`,
      `${perSecond(together).toFixed(1)} / s`,
      '',
    ],
    ['  of one client alone', `${(perSecond(together) / perSecond(single)).toFixed(2)} x`, '0.8 x'],
    ['  wrong answers', `${half.wrong + all.wrong}`, '0'],
    ['memory of service and dealer, most: first half, second half', `${half.most}, ${all.most} MB`, 'flat'],
  );
  console.log(table(rows.map(([what, measured, goal]) => ({ what, measured, goal }))));
} finally {
  child.kill();
  await service.close();
}
