/**
 * A browser tab as a party: the packages in Chromium as their exports give them, under a strict policy, without
 * SharedArrayBuffer, against what models say in the clear.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildGraph, evaluatePlain, parseOnnx, specialize } from '@tacit/onnx';
import { type Service, startTrial } from '@tacit/service';
import { fixtureArray, MODELS } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { encodeModel } from '../packages/onnx/test/helpers/onnx-encoder.js';
import { chromiumPath, NO_CHROMIUM, startChromium } from './browser/chromium.js';
import { direct, INT64, type Merged, merged, privateIndices, read } from './browser/operators.js';
import type { Given } from './browser/page.js';
import { bundlePage, pageModule, type Site, testSite, workerFile } from './browser/site.js';
import { errorOf, openTab, resultOf, type Tab } from './browser/tabs.js';
import { root } from './helpers/run-script.js';

const LIMIT_BYTES = 150_000;
const GROUP = 24;
const operators = [...direct, ...read, ...privateIndices];
const groups = Array.from({ length: Math.ceil(operators.length / GROUP) }, (_, n) =>
  merged(operators.slice(n * GROUP, (n + 1) * GROUP)),
);

/** The first rows of a fixture's input, and what the network says of them in the clear. */
function fixture(name: string, rows: number): { feed: Given; expected: readonly number[] } {
  const [input, output] = ['input', 'output'].map((file) => fixtureArray(`${name}/${file}.npy`));
  const first = ({ shape, data }: typeof input) => [...data.subarray(0, (data.length / shape[0]) * rows)];
  return { feed: { dims: [rows, ...input.shape.slice(1)], data: first(input) }, expected: first(output) };
}

describe('a page that asks', () => {
  it(`loads less than ${LIMIT_BYTES / 1000} kB, compressed`, async () => {
    const sizes = [await bundlePage(pageModule), readFileSync(workerFile, 'utf8')].map(
      (text) => gzipSync(text, { level: 9 }).length,
    );
    process.stdout.write(`    client in the page ${sizes[0]} bytes, its worker ${sizes[1]} bytes, gzipped\n`);
    expect(sizes[0] + sizes[1]).below(LIMIT_BYTES);
  });

  it('needs no more of the policy than WebAssembly', async () => {
    for (const text of [await bundlePage(pageModule), readFileSync(workerFile, 'utf8')])
      expect(text).not.match(/\bnew Function\b|\bnew SharedArrayBuffer\b|importScripts\(/);
  });
});

(chromiumPath === undefined ? describe.skip : describe)('a tab of Chromium as a party', function () {
  this.timeout(300_000);
  let folder: string;
  let service: Service;
  let site: Site;
  let browser: Browser;
  let tab: Tab;
  const invite = (model: string): Promise<string> => service.invite({ model });
  const connected = async (inTab: Tab, model: string) =>
    resultOf(await inTab.call('connect', await invite(model)));

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tacit-browser-'));
    const written = groups.map(({ spec }, n) => {
      const file = join(folder, `operators-${n}.onnx`);
      writeFileSync(file, encodeModel(spec));
      return { name: `operators-${n}`, file };
    });
    const trained = MODELS.map((name) => ({ name, file: join(root, `fixtures/${name}/model.onnx`) }));
    // Threads for so many models at once would be all that the machine does.
    service = await startTrial({ models: [...trained, ...written], spares: 0 });
    [site, browser] = await Promise.all([testSite(), startChromium()]);
  });
  beforeEach(async () => {
    tab = await openTab(browser, site);
  });
  afterEach(async () => {
    await tab?.page.close();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await service?.close();
    await rm(folder, { recursive: true, force: true });
  });

  for (const name of MODELS)
    it(`gets the answers of ${name}`, async () => {
      const { at, info, phases } = await connected(tab, name);
      expect(info.dealer.ofTheService).equal(true);
      expect(phases).deep.equal(['connecting', 'preparing', 'ready']);
      const [{ name: input, shape }] = info.inputs;
      const { feed, expected } = fixture(name, typeof shape[0] === 'number' ? shape[0] : 2);
      const { outputs, ms } = resultOf(await tab.call('run', at, { [input]: feed }));
      const [{ data, type }] = Object.values(outputs);
      expect(type).equal('float32');
      const worst = Math.max(...data.map((value, i) => Math.abs(value - expected[i])));
      expect(worst).below(0.01);
      expect(data.length).equal(expected.length);
      const { last } = await tab.call('stats', at);
      process.stdout.write(
        `    ${ms.toFixed(0)} ms, ${last?.rounds} rounds, ${last?.bytesSent} bytes sent\n`,
      );
      if (name === 'mnist_cnn_bn') expect(last?.rounds).equal(16);
      resultOf(await tab.call('close', at));
      expect(await tab.violations()).deep.equal([]);
      expect(tab.complaints).deep.equal([]);
      expect(await tab.call('isolated')).equal(false);
    });

  groups.forEach((group, n) => {
    const names = [...new Set(group.operators.values())].join(', ');
    it(`computes ${names} as in the clear`, async () => {
      const { at } = await connected(tab, `operators-${n}`);
      const feeds = Object.entries(group.feeds).map(([name, { shape, data, type }]): [string, Given] => [
        name,
        { dims: shape, data, ...(type === INT64 && { type: 'int64' }) },
      ]);
      const { outputs } = resultOf(await tab.call('run', at, Object.fromEntries(feeds)));
      const plain = inTheClear(group);
      for (const [name, op] of group.operators) {
        const [mine, theirs] = [outputs[name], plain[name]];
        expect(mine.dims, `${op} ${name}`).deep.equal(theirs.shape);
        const scale = 1 + Math.max(...theirs.data.map(Math.abs));
        mine.data.forEach((value, i) => {
          expect(value / scale, `${op} ${name}, element ${i}`).closeTo(theirs.data[i] / scale, 5e-3);
        });
      }
      resultOf(await tab.call('close', at));
      expect(tab.complaints).deep.equal([]);
    });
  });

  it('is one of several, which ask at once', async () => {
    const tabs = await Promise.all([1, 2, 3].map(() => openTab(browser, site)));
    const { feed, expected } = fixture('mnist_cnn_bn', 1);
    const answers = await Promise.all(
      tabs.map(async (one) => {
        const { at, info } = await connected(one, 'mnist_cnn_bn');
        const asked = [0, 1].map(() => one.call('run', at, { [info.inputs[0].name]: feed }));
        return (await Promise.all(asked)).map((said) => Object.values(resultOf(said).outputs)[0].data);
      }),
    );
    expect(answers.flat()).have.length(6);
    for (const answer of answers.flat())
      answer.forEach((value, i) => {
        expect(value).closeTo(expected[i], 0.01);
      });
    await Promise.all(tabs.map(({ page }) => page.close()));
  });

  it('goes on where its connection breaks in the middle of a question', async () => {
    const sockets = new Set<Socket>();
    const onSocket = (message: unknown): void => {
      const { socket } = message as { socket: Socket };
      sockets.add(socket.once('close', () => sockets.delete(socket)));
    };
    subscribe('net.server.socket', onSocket);
    const own = (): Socket[] =>
      [...sockets].filter(({ localPort }) => String(localPort) === new URL(service.address).port);
    try {
      const { at, info } = await connected(tab, 'mnist_lenet1_square');
      const { feed, expected } = fixture('mnist_lenet1_square', 16);
      const asked = tab.call('run', at, { [info.inputs[0].name]: feed });
      await new Promise((resolve) => setTimeout(resolve, 100));
      const broken = own();
      expect(broken).not.have.length(0);
      for (const socket of broken) socket.destroy();
      const [{ data }] = Object.values(resultOf(await asked).outputs);
      data.forEach((value, i) => {
        expect(value).closeTo(expected[i], 0.01);
      });
      expect(own().some((socket) => !broken.includes(socket))).equal(true);
      expect((await tab.call('stats', at)).sessions).equal(1);
    } finally {
      unsubscribe('net.server.socket', onSocket);
    }
  });

  it('that is closed in the middle disturbs nobody, and its place is free again', async () => {
    const { at, info } = await connected(tab, 'mnist_cnn_bn_folded');
    const { feed } = fixture('mnist_cnn_bn_folded', 32);
    void tab.call('run', at, { [info.inputs[0].name]: feed }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = service.clients;
    await tab.page.close();
    const next = await openTab(browser, site);
    const again = await connected(next, 'linear_4_2');
    const small = fixture('linear_4_2', 3);
    const said = await next.call('run', again.at, { [again.info.inputs[0].name]: small.feed });
    Object.values(resultOf(said).outputs)[0].data.forEach((value, i) => {
      expect(value).closeTo(small.expected[i], 0.001);
    });
    resultOf(await next.call('close', again.at));
    await next.page.close();
    while (service.clients >= before) await new Promise((resolve) => setTimeout(resolve, 100));
  });

  it('ends its session and its worker when the signal of `connect` fires', async () => {
    const { feed } = fixture('mnist_cnn_bn', 1);
    const ended = await tab.call('endedBySignal', await invite('mnist_cnn_bn'), { input: feed });
    expect(ended).deep.equal(['enough', 'MODEL_CLOSED']);
    while (tab.page.workers().length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  });

  it('hears what is wrong with an invite', async () => {
    const good = await invite('linear_4_2');
    expect(errorOf(await tab.call('connect', 'hello'))).include({ code: 'MODEL_INVITE' });
    expect(errorOf(await tab.call('connect', good.slice(0, -3)))).include({ code: 'MODEL_INVITE' });
    expect(errorOf(await tab.call('connect', good, { trial: false })).message).include('trial: true');
    const other = await startTrial({
      models: [{ name: 'linear_4_2', file: join(root, 'fixtures/linear_4_2/model.onnx') }],
      spares: 0,
    });
    const gone = await other.invite({ model: 'linear_4_2' });
    await other.close();
    const unreachable = errorOf(await tab.call('connect', gone));
    expect(unreachable).include({ code: 'MODEL_UNREACHABLE', known: true });
    expect(unreachable.message).include(other.address);
  });

  it('hears that a service is gone, and that its page may not connect', async () => {
    const other = await startTrial({
      models: [{ name: 'linear_4_2', file: join(root, 'fixtures/linear_4_2/model.onnx') }],
      spares: 0,
    });
    const { at, info } = resultOf(await tab.call('connect', await other.invite({ model: 'linear_4_2' })));
    await other.close();
    const { feed } = fixture('linear_4_2', 1);
    const { code } = errorOf(await tab.call('run', at, { [info.inputs[0].name]: feed }));
    expect(code).be.oneOf(['MODEL_UNREACHABLE', 'PEER_ABORTED', 'PEER_LEFT']);
    const strict = await startTrial({
      models: [{ name: 'linear_4_2', file: join(root, 'fixtures/linear_4_2/model.onnx') }],
      origins: ['https://example.org'],
      spares: 0,
    });
    const refused = errorOf(await tab.call('connect', await strict.invite({ model: 'linear_4_2' })));
    expect(refused.code).equal('MODEL_UNREACHABLE');
    await strict.close();
  });

  it('says that its worker is missing, or that the policy forbids WebAssembly', async () => {
    const good = await invite('linear_4_2');
    const missing = errorOf(await tab.call('connect', good, { worker: '/nowhere.js' }));
    expect(missing.message).match(/worker/);
    const strict = await openTab(browser, site, '/strict');
    const refused = errorOf(await strict.call('connect', good, { worker: '/strict-worker.js' }));
    expect(refused.message).match(/wasm-unsafe-eval|Content.Security.Policy/i);
    await strict.page.close();
  });
});

if (chromiumPath === undefined) process.stdout.write(`tests of tabs are left out: ${NO_CHROMIUM}\n`);

function inTheClear({ spec, feeds }: Merged): ReturnType<typeof evaluatePlain> {
  const shapes = Object.entries(feeds).map(([name, { shape }]) => [name, shape] as const);
  const graph = specialize(buildGraph(parseOnnx(encodeModel(spec))), Object.fromEntries(shapes));
  const inputs = Object.entries(feeds).map(
    ([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }] as const,
  );
  return evaluatePlain(graph, Object.fromEntries(inputs));
}
