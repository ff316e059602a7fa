/** A service and clients of it in one process, over sockets. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
// Of the build, as threads load no TypeScript on Node.js 20.
import { encodeModelInvite, parseModelInvite, type Service, startTrial } from '@tacit/service';
import { connect, type PrivateModel } from '@tacit/service/client';
import { fixtureArray } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import { Tensor } from 'onnxruntime-common';
import { fixed, indices, loose, modelFile, pair, placeAt, pooled, text, wordAt } from './helpers/models.js';

const CNN = fileURLToPath(new URL('../../../fixtures/mnist_cnn_bn/model.onnx', import.meta.url));

type Failed = Error & { code?: string; remoteCode?: string };
const failure = (promise: Promise<unknown>): Promise<Failed> =>
  promise.then(
    () => expect.fail('should have failed'),
    (error) => error,
  );
const numbers = (tensor: Tensor | undefined): number[] =>
  Array.from((tensor?.data ?? []) as ArrayLike<number | bigint>, Number);
const close = (got: readonly number[], wanted: ArrayLike<number>, within = 0.01): void => {
  expect(got.length).to.equal(wanted.length);
  got.forEach((value, i) => {
    expect(value).to.be.closeTo(Number(wanted[i]), within);
  });
};

describe('a service', function () {
  this.timeout(60_000);
  let folder = '';
  let service: Service;
  /** Trials put their homes there; other tests that run at the same time do, too, in the system's folder. */
  const usual = process.env.TMPDIR;
  const models: PrivateModel[] = [];
  /** A connected model, which is closed at the end. */
  const ask = async (model: string, options = {}, quota = {}): Promise<PrivateModel> => {
    const made = await connect(await service.invite({ model, quota }), { trial: true, ...options });
    models.push(made);
    return made;
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tacit-service-'));
    process.env.TMPDIR = folder;
    service = await startTrial({
      models: [
        { name: 'cnn', file: CNN },
        ...[pair, fixed, indices, text, pooled].map((model) => ({
          name: model.name,
          file: modelFile(folder, model),
        })),
        { name: 'loose', file: modelFile(folder, loose), inputShapes: { x: ['rows', 'width'] } },
      ],
      sessions: 6,
      spares: 1,
    });
  });
  afterEach(async () => {
    for (const model of models.splice(0)) await model.close();
  });
  after(async () => {
    await service.close();
    if (usual === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = usual;
    const left = readdirSync(folder).filter((name) => name.startsWith('tacit-trial-'));
    rmSync(folder, { recursive: true, force: true });
    expect(left).to.deep.equal([]);
  });

  it('answers as the model does in the clear', async () => {
    const model = await ask('cnn');
    expect(model.info.inputs).to.deep.equal([
      { name: 'input', shape: ['batch', 1, 28, 28], type: 'float32' },
    ]);
    expect(model.info.learns.service.join()).to.include('nothing of the inputs');
    const input = fixtureArray('mnist_cnn_bn/input.npy');
    const output = fixtureArray('mnist_cnn_bn/output.npy');
    const rows = input.shape[0] as number;
    const pixels = input.data.subarray(0, 784);
    const one = await model.run({ input: Float32Array.from(pixels) });
    expect(one.output?.dims).to.deep.equal([1, 10]);
    close(numbers(one.output), output.data.subarray(0, 10));
    // Other shapes, as tensors and as anything of their form.
    const all = await model.run({ input: new Tensor('float32', Float32Array.from(input.data), input.shape) });
    expect(all.output?.dims).to.deep.equal([rows, 10]);
    close(numbers(all.output), output.data);
    const plain = await model.run({ input: { dims: [1, 1, 28, 28], data: Array.from(pixels) } });
    close(numbers(plain.output), output.data.subarray(0, 10));
  });

  it('costs the same rounds and bytes for every question, whatever it is', async () => {
    const model = await ask('cnn');
    const costs = [];
    for (const value of [0, 1, -3]) {
      await model.run({ input: new Float32Array(784).fill(value) });
      costs.push(model.stats.last);
    }
    // Messages that leave together share a frame, and which do is a matter of moments.
    for (const cost of costs) {
      const { rounds, bytesSent, bytesReceived } = cost ?? {};
      expect(rounds).to.equal(costs[0]?.rounds);
      expect(bytesSent).to.be.closeTo(costs[0]?.bytesSent ?? 0, 1000);
      expect(bytesReceived).to.be.closeTo(costs[0]?.bytesReceived ?? 0, 1000);
    }
    expect(model.stats.runs).to.equal(3);
    expect(model.stats.sessions).to.equal(1);
    expect(costs[0]).to.have.property('rounds').that.is.within(5, 20);
  });

  it('takes several inputs and gives several outputs, of any number of rows', async () => {
    const model = await ask('pair');
    for (const rows of [1, 3, 2, 3, 1]) {
      const a = Float32Array.from({ length: 2 * rows }, (_, i) => i + 0.5);
      const b = Float32Array.from({ length: 2 * rows }, (_, i) => 2 - i);
      const { sum, product } = await model.run({ b, a });
      expect(sum?.dims).to.deep.equal([rows, 2]);
      close(
        numbers(sum),
        a.map((value, i) => value + (b[i] as number)),
      );
      close(
        numbers(product),
        a.map((value, i) => value * (b[i] as number)),
      );
    }
  });

  it('cuts a batch into what the file fixes', async () => {
    const model = await ask('fixed');
    const row = (x: number): number[] => [x, 2 * x, 3 * x];
    const wanted = (x: number): number[] => [22 * x + 0.5, 28 * x - 0.5];
    for (const rows of [2, 6]) {
      const xs = Array.from({ length: rows }, (_, i) => i / 4);
      const { y } = await model.run({ x: Float64Array.from(xs.flatMap(row)) });
      expect(y?.dims).to.deep.equal([rows, 2]);
      close(numbers(y), xs.flatMap(wanted));
    }
  });

  it('keeps whole numbers whole, in and out', async () => {
    const model = await ask('indices');
    const { best, rows } = await model.run({
      scores: [0.1, 0.3, 0.9, 0.2],
      ids: BigInt64Array.of(3n, 0n, 2n),
    });
    expect(best?.type).to.equal('int64');
    expect(best?.data).to.deep.equal(BigInt64Array.of(2n));
    close(numbers(rows), [30, 31, 0, 1, 20, 21]);
  });

  it('answers questions that are asked at once, of several clients, each its own', async () => {
    const clients = await Promise.all([ask('pair'), ask('pair'), ask('pair')]);
    const answers = await Promise.all(
      clients.flatMap((model, client) =>
        Array.from({ length: 8 }, async (_, i) => {
          const x = client * 100 + i;
          const { sum } = await model.run({ a: [x, -x], b: [0.25, 0.5] });
          return [numbers(sum), [x + 0.25, 0.5 - x]] as const;
        }),
      ),
    );
    for (const [got, wanted] of answers) close(got, wanted);
    expect(service.clients).to.equal(3);
  });

  it('refuses what does not fit the inputs, and the session goes on', async () => {
    const model = await ask('pair');
    const a = [1, 2];
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [{ a }, /'b' is missing/],
      [{ a, b: a, c: a }, /no input 'c'; it has a, b/],
      [{ a, b: [1] }, /has 1 numbers, and takes \[rows, 2\]/],
      [{ a, b: [1, 2, 3, 4] }, /'rows' is 1 in one input and 2 in 'b'/],
      [{ a, b: [1, 2 ** 28] }, /has a number of 268435456 or more/],
      [{ a, b: [1, -1e12] }, /has a number of 268435456 or more/],
      [{ a, b: [1, Number.NaN] }, /NaN at 1/],
      [{ a, b: [1, Number.POSITIVE_INFINITY] }, /Infinity at 1/],
      [{ a, b: 'x' }, /neither a tensor nor an array/],
      [{ a, b: { dims: [1, 3], data: [1, 2, 3] } }, /has the shape \[1,3\] and takes \[rows, 2\]/],
      [{ a, b: { dims: [1, 2], data: [1] } }, /has 1 numbers, and \[1,2\] takes 2/],
      [{ a: [], b: [] }, /there is nothing in the input 'a'/],
      [Float32Array.of(1, 2), /by name: \{ a: … \}/],
      [null, /by name/],
    ];
    for (const [feeds, message] of cases) {
      const error = await failure(model.run(feeds as never));
      expect(error, String(message)).to.include({ code: 'MODEL_FEEDS' });
      expect(error.message).to.match(message);
    }
    close(numbers((await model.run({ a, b: a })).sum), [2, 4]);
    expect(model.stats.sessions).to.equal(1);
  });

  it('refuses shapes that the model does not take inside before the service hears of them', async () => {
    const model = await connect(await service.invite({ model: 'loose' }), {
      trial: true,
      inputShapes: { x: [1, 3] },
    });
    models.push(model);
    for (const width of [2, 4]) {
      const error = await failure(
        model.run({ x: new Tensor('float32', new Float32Array(width), [1, width]) }),
      );
      expect(error).to.have.property('code').that.matches(/SHAPE/);
    }
    const { score } = await model.run({ x: new Tensor('float32', [1, 1, 1, 2, 0, 0], [2, 3]) });
    close(numbers(score), [6, 2]);
    expect(model.stats.sessions).to.equal(1);
  });

  it('builds a model anew for each length where that has to be known, and masks its weights once', async () => {
    const model = await ask('text');
    expect(model.info.inputs).to.deep.equal([{ name: 'ids', shape: ['batch', 'length'], type: 'int64' }]);
    const question = async (rows: readonly (readonly number[])[]): Promise<number> => {
      const length = rows[0]?.length ?? 0;
      const ids = new Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, length]);
      const { mean } = await model.run({ ids });
      const wanted = rows.flatMap((row) =>
        [0, 1, 2, 3].map(
          (j) => row.reduce((sum, word, i) => sum + wordAt(word, j) + placeAt(i, j), 0) / length,
        ),
      );
      close(numbers(mean), wanted);
      return model.stats.last?.bytesReceived ?? 0;
    };
    await question([[1, 2, 3]]);
    // A second length; then it is known. The table of words has 500 rows of 4 numbers of 8 bytes.
    const [first, again] = [await question([[7, 499, 0, 3, 1]]), await question([[4, 4, 4, 0, 9]])];
    expect(first - again).within(1, 8000);
    await question([[5]]);
    await question([
      [1, 2, 3],
      [497, 498, 499],
    ]);
    // A place too many: both sides hear it, and the session goes on.
    const long = await failure(model.run({ ids: new Tensor('int64', new BigInt64Array(9), [1, 9]) }));
    expect(long).to.include({ code: 'MODEL_FEEDS' });
    expect(long.message).to.match(/the service has no model for inputs of these shapes: .*Add/);
    const again9 = await failure(model.run({ ids: new Tensor('int64', new BigInt64Array(9), [1, 9]) }));
    expect(again9.message).to.equal(long.message);
    const flat = await failure(model.run({ ids: new Tensor('int64', new BigInt64Array(3), [3]) }));
    expect(flat).to.include({ code: 'MODEL_FEEDS' });
    await question([[1, 2, 3, 4, 5, 6, 7, 8]]);
    expect(model.stats.sessions).to.equal(1);
  });

  it('answers questions of several lengths that are asked at once', async () => {
    const model = await ask('text', { inputShapes: { ids: [1, 2] } });
    const lengths = [2, 5, 2, 7, 5, 1];
    const answers = await Promise.all(
      lengths.map((length) =>
        model.run({ ids: new Tensor('int64', new BigInt64Array(length).fill(3n), [1, length]) }),
      ),
    );
    for (const [i, { mean }] of answers.entries()) {
      const length = lengths[i] as number;
      const place = (j: number) => ((length - 1) / 2 - j) / 8;
      close(
        numbers(mean),
        [0, 1, 2, 3].map((j) => wordAt(3, j) + place(j)),
      );
    }
    const refused = await failure(
      connect(await service.invite({ model: 'text' }), { trial: true, inputShapes: { ids: [1, 9] } }),
    );
    expect(refused).to.include({ code: 'MODEL_FEEDS' });
  });

  it('connects to a model that is too large for a single pixel', async () => {
    const model = await ask('pooled');
    const image = Float32Array.from({ length: 32 }, (_, i) => i);
    const { largest } = await model.run({ image: new Tensor('float32', image, [1, 1, 4, 8]) });
    close(numbers(largest), [27, 31]);
    const small = await failure(model.run({ image: new Tensor('float32', image.slice(0, 4), [1, 1, 2, 2]) }));
    expect(small).to.have.property('code', 'MODEL_SHAPE');
  });

  it('lets in who has an invite, and tells others why not', async () => {
    const text = await service.invite({ model: 'pair' });
    const invite = parseModelInvite(text);
    const refused = async (change: object, remoteCode: string): Promise<void> => {
      const error = await failure(connect(encodeModelInvite({ ...invite, ...change }), { trial: true }));
      expect(error, remoteCode).to.include({ code: 'MODEL_REFUSED', remoteCode });
    };
    await refused({ secret: crypto.getRandomValues(new Uint8Array(16)) }, 'INVITE_UNKNOWN');
    // Somebody else who answers there, with another key.
    await refused({ serviceKey: crypto.getRandomValues(new Uint8Array(32)) }, 'WRONG_KEY');
    const dealer = { ...invite, dealerKey: crypto.getRandomValues(new Uint8Array(32)) };
    expect(await failure(connect(encodeModelInvite(dealer), { trial: true }))).to.include({
      code: 'HANDSHAKE_FAILED',
    });
    const nobody = { ...invite, address: 'ws://127.0.0.1:9' };
    const error = await failure(connect(encodeModelInvite(nobody), { trial: true }));
    expect(error).to.include({ code: 'MODEL_UNREACHABLE' });
    expect(error.message).to.include('ws://127.0.0.1:9').and.to.include('ECONNREFUSED');
  });

  it('says that its dealer is its own, and clients have to agree', async () => {
    const invite = await service.invite({ model: 'pair' });
    expect(await failure(connect(invite))).to.include({ code: 'MODEL_INVITE' });
    expect(await failure(connect(invite, { trial: true, dealerKey: '00'.repeat(32) }))).to.include({
      code: 'MODEL_INVITE',
    });
    const model = await ask('pair');
    expect(model.info.dealer.ofTheService).to.equal(true);
    const { key } = model.info.dealer;
    models.push(await connect(invite, { trial: true, dealerKey: key.toUpperCase() }));
  });

  it('holds quotas', async () => {
    const invite = await service.invite({ model: 'pair', quota: { questionsPerDay: 3, sessionsAtOnce: 1 } });
    const model = await connect(invite, { trial: true });
    models.push(model);
    const one = { a: [1, 2], b: [3, 4] };
    const second = await failure(connect(invite, { trial: true, waitMs: 0 }));
    expect(second).to.include({ code: 'MODEL_REFUSED', remoteCode: 'BUSY' });
    for (let i = 0; i < 3; i++) await model.run(one);
    const error = await failure(model.run(one));
    expect(error.message).to.include('QUOTA_USED_UP');
    await model.close();
    const later = await failure(connect(invite, { trial: true }));
    expect(later).to.include({ code: 'MODEL_REFUSED', remoteCode: 'QUOTA_USED_UP' });
    expect(later.message).to.include('3 questions a day');
  });

  it('takes an invite that is good for one session once', async () => {
    const invite = await service.invite({ model: 'pair', quota: { sessions: 1 } });
    await (await connect(invite, { trial: true })).close();
    expect(await failure(connect(invite, { trial: true }))).to.include({ remoteCode: 'INVITE_USED' });
  });

  it('makes clients wait while it is full, and lets them in then', async () => {
    const full = await Promise.all(Array.from({ length: 6 }, () => ask('pair')));
    expect(await failure(ask('pair', { waitMs: 0 }))).to.include({ remoteCode: 'BUSY' });
    const phases: string[] = [];
    const waiting = ask('pair', {
      onProgress: ({ phase }: { phase: string }) => {
        phases.push(phase);
        if (phase === 'waiting') void full[0]?.close();
      },
    });
    close(numbers((await (await waiting).run({ a: [1, 2], b: [3, 4] })).sum), [4, 6]);
    expect(phases).to.include.members(['connecting', 'waiting', 'preparing', 'ready']);
  });

  it('ends sessions in which nothing is asked, and the next question opens another', async () => {
    const path = modelFile(folder, pair);
    const brief = await startTrial({ models: [{ name: 'pair', file: path }], idleMs: 2000, spares: 0 });
    try {
      const model = await connect(await brief.invite({ model: 'pair' }), { trial: true });
      models.push(model);
      const one = { a: [1, 2], b: [3, 4] };
      await model.run(one);
      while (brief.clients > 0) await new Promise((resolve) => setTimeout(resolve, 50));
      await new Promise((resolve) => setTimeout(resolve, 200));
      close(numbers((await model.run(one)).sum), [4, 6]);
      expect(model.stats.sessions).to.equal(2);
      await model.close();
    } finally {
      await brief.close();
    }
  });

  it('can be given up while connecting and while it answers', async () => {
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const connecting = failure(
      ask('cnn', {
        signal: controller.signal,
        onProgress: ({ phase }: { phase: string }) => phase === 'preparing' && controller.abort(reason),
      }),
    );
    expect(await connecting).to.equal(reason);
    const model = await ask('cnn');
    const during = new AbortController();
    const running = failure(model.run({ input: new Float32Array(784) }, { signal: during.signal }));
    during.abort(reason);
    expect(await running).to.equal(reason);
    // The session is whole.
    expect((await model.run({ input: new Float32Array(784) })).output?.dims).to.deep.equal([1, 10]);
    expect(model.stats.sessions).to.equal(1);
    await model.close();
    expect(await failure(model.run({ input: new Float32Array(784) }))).to.include({ code: 'MODEL_CLOSED' });
    await model.close();
  });

  it('refuses options that nobody knows', async () => {
    const invite = await service.invite({ model: 'pair' });
    expect(await failure(connect(invite, { trail: true } as never))).to.include({ code: 'ARGUMENT' });
    expect(await failure(connect(3 as never))).to.include({ code: 'ARGUMENT' });
    expect(await failure(service.invite({ model: 'other' }))).to.include({ code: 'SERVE_USAGE' });
  });
});
