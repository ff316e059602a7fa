// Homomorphic inference: operations beside SEAL's own, one image, batches, the service with one and two workers, and
// under load. The service is a process of its own, so its memory is the server's alone.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseNpy } from '@tacit/files';
import { compileModel, HeClient, HeModel, packServerArtefact } from '@tacit/he';
import { HeHttpClient } from '@tacit/he-service';
import { HeTeam } from '@tacit/he-service/pool';
import { startServer, writeModel } from '../examples/homomorphic-digits/server.mjs';
import { median, quick, time, wanted } from './lib/measure.mjs';

const fixture = (path) => readFileSync(new URL(`../fixtures/${path}`, import.meta.url));
const onnx = fixture('mnist_lenet1_square/model.onnx');
const pixels = parseNpy(fixture('mnist_test_1000/images.npy')).data;
const logits = parseNpy(fixture('mnist_lenet1_square/logits_test1000.npy')).data;
const digit = (i) => Float64Array.from(pixels.subarray(i * 784, (i + 1) * 784), (value) => value / 255);
const digits = (count) => Array.from({ length: count }, (_, i) => digit(i % 1000));
const argMax = (values) => values.indexOf(Math.max(...values));
const quantile = (list, q) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * q))];
const samples = digits(1000).slice(968);

export const rows = [];

/** Largest error and number of equal predictions against the plaintext logits that come with the model. */
function compare(outputs, first = 0) {
  let largest = 0;
  let equal = 0;
  outputs.forEach((output, i) => {
    const expected = logits.subarray((first + i) * 10, (first + i + 1) * 10);
    output.forEach((value, k) => {
      largest = Math.max(largest, Math.abs(value - expected[k]));
    });
    if (argMax([...output]) === argMax([...expected])) equal++;
  });
  return { 'same prediction': `${equal} of ${outputs.length}`, 'largest error': largest };
}

const operations = 'operations of the evaluator beside SEAL';
if (wanted(operations)) rows.push(...(await (await import('./lib/he-operations.mjs')).operationRows(time)));

const single = 'lenet1_square, one image, one thread';
const thousand = 'lenet1_square, 1,000 digits';
if (wanted(single) || wanted(thousand)) {
  const { server, client: half } = await compileModel(onnx, { samples });
  const client = await HeClient.create(half);
  const model = await HeModel.load(server);
  const keys = await model.loadKeys(await client.evaluationKeys());
  const times = { encrypt: [], server: [], decrypt: [] };
  const count = wanted(thousand) && !quick() ? 1000 : 30;
  const outputs = [];
  let traffic = {};
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    const sent = await client.encrypt(digit(i));
    const encrypted = performance.now();
    const answer = await model.evaluate(sent, keys);
    const evaluated = performance.now();
    outputs.push(...(await client.decrypt(answer)));
    times.encrypt.push(encrypted - started);
    times.server.push(evaluated - encrypted);
    times.decrypt.push(performance.now() - evaluated);
    traffic = { 'kB up': sent[0].length / 1000, 'kB down': answer[0].length / 1000 };
  }
  rows.push({
    what: single,
    ms: median(times.server),
    'encrypt ms': median(times.encrypt),
    'decrypt ms': median(times.decrypt),
    ...traffic,
    ...compare(outputs),
  });
  client.dispose();
  model.dispose();
}

const team = 'lenet1_square, one image, rotations on 1 and 2 threads';
if (wanted(team)) {
  const { server, client: half } = await compileModel(onnx, { samples });
  const client = await HeClient.create(half);
  const envelope = await client.evaluationKeys();
  const sent = await client.encrypt(digit(0));
  const perImage = [];
  for (const threads of [1, 2]) {
    const members = await HeTeam.create(await packServerArtefact(server), { threads });
    const keys = await members.loadKeys(envelope);
    const times = [];
    for (let i = -5; i < (quick() ? 10 : 30); i++) {
      const started = performance.now();
      await members.evaluate(sent, keys);
      if (i >= 0) times.push(performance.now() - started);
    }
    perImage.push(median(times));
    rows.push({
      what: `lenet1_square, one image, rotations on ${threads} thread${threads > 1 ? 's' : ''}`,
      ms: perImage.at(-1),
      ...(threads === 2 ? { 'times one worker': perImage[0] / perImage[1] } : {}),
    });
    await members.close();
  }
  client.dispose();
}

const batch = 'lenet1_square, 4,096 images at once';
if (wanted(batch) && !quick()) {
  const { server, client: half } = await compileModel(onnx, { samples, mode: 'throughput' });
  const client = await HeClient.create(half);
  const model = await HeModel.load(server);
  const keys = await model.loadKeys(await client.evaluationKeys());
  const started = performance.now();
  const sent = await client.encrypt(digits(4096));
  const encrypted = performance.now();
  const answer = await model.evaluate(sent, keys);
  const evaluated = performance.now();
  const outputs = await client.decrypt(answer, 4096);
  rows.push({
    what: `${batch}, an image`,
    ms: (evaluated - encrypted) / 4096,
    'encrypt ms': (encrypted - started) / 4096,
    'decrypt ms': (performance.now() - evaluated) / 4096,
    'kB up': sent.reduce((sum, { length }) => sum + length, 0) / 4096e3,
    'kB down': answer.reduce((sum, { length }) => sum + length, 0) / 4096e3,
    ...compare(outputs.slice(0, 1000)),
    'server MB': model.evaluator.memoryBytes / 1e6,
  });
  client.dispose();
  model.dispose();
}

/** Peak resident memory of a process in MB, where the system tells. */
function peakMB(pid) {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000;
  } catch {
    return undefined;
  }
}

async function withService(workers, action) {
  const folder = mkdtempSync(join(tmpdir(), 'tacit-he-bench-'));
  let service;
  try {
    const compiled = await compileModel(onnx, { samples, name: 'lenet1' });
    await writeModel(folder, compiled);
    service = await startServer(folder, { workers });
    return await action(service, compiled.client);
  } finally {
    await service?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A client with its own keys, uploaded. */
async function member(service, half) {
  const client = await HeClient.create(half);
  const http = new HeHttpClient({ url: service.url, retries: 50 });
  const { id: keyId } = await http.uploadKeys(await client.evaluationKeys(), { model: 'lenet1' });
  return { client, infer: (sent) => http.infer(sent, { model: 'lenet1', keyId }) };
}

const scaling = 'service, 1 and 2 workers';
if (wanted(scaling)) {
  const count = quick() ? 16 : 60;
  const perImage = [];
  for (const workers of [1, 2])
    await withService(workers, async (service, half) => {
      const { client, infer } = await member(service, half);
      const sent = await Promise.all(digits(count).map((x) => client.encrypt(x)));
      for (let i = 0; i < 4; i++) await Promise.all([infer(sent[0]), infer(sent[1])]);
      const started = performance.now();
      let next = 0;
      const lane = async () => {
        while (next < count) await infer(sent[next++]);
      };
      await Promise.all(Array.from({ length: 2 * workers }, lane));
      perImage.push((performance.now() - started) / count);
      rows.push({
        what: `service with ${workers} worker${workers > 1 ? 's' : ''}, an image`,
        ms: perImage.at(-1),
        'server MB': peakMB(service.pid),
        ...(workers === 2 ? { 'times one worker': perImage[0] / perImage[1] } : {}),
      });
      client.dispose();
    });
}

const load = 'service under load, 8 clients, 500 requests';
if (wanted(load)) {
  const requests = quick() ? 80 : 500;
  await withService(2, async (service, half) => {
    const clients = [];
    for (let i = 0; i < 8; i++) clients.push(await member(service, half));
    const times = [];
    const memory = [];
    let wrong = 0;
    let errors = 0;
    let next = 0;
    const lane = async ({ client, infer }) => {
      while (next < requests) {
        const i = next++;
        const sent = await client.encrypt(digit(i));
        const started = performance.now();
        try {
          const [output] = await client.decrypt(await infer(sent));
          times.push(performance.now() - started);
          const expected = logits.subarray(i * 10, (i + 1) * 10);
          if (output.some((value, k) => Math.abs(value - expected[k]) > 0.05)) wrong++;
        } catch {
          errors++;
        }
        if (i % 50 === 0) memory.push(peakMB(service.pid));
      }
    };
    await Promise.all(clients.map(lane));
    rows.push({
      what: load,
      ms: quantile(times, 0.5),
      'p99 ms': quantile(times, 0.99),
      'p99 / p50': quantile(times, 0.99) / quantile(times, 0.5),
      errors,
      wrong,
      'server MB': memory.at(-1),
      'MB after the first 100': memory[2],
    });
    for (const { client } of clients) client.dispose();
  });
}
