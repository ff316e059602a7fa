import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeNpy, npyNumbers, parseNpy } from '@tacit/files';
import { expect } from 'chai';
import { encodeModel } from '../../onnx/test/helpers/onnx-encoder.js';
import { bin, type Finished, fixture, isRunning, node, workspace } from './helpers/run.js';

const MODEL = fixture('mlp_50_20_2/model.onnx');
const INPUT = fixture('mlp_50_20_2/input.npy');
const EXPECTED = npyNumbers(parseNpy(readFileSync(fixture('mlp_50_20_2/output.npy'))));

describe('the command tacit', function () {
  this.timeout(30_000);
  const { folder, remove } = workspace();
  after(remove);
  const path = (name: string): string => join(folder, name);
  const tacit = (...args: string[]): Promise<Finished> => node([bin, ...args], { cwd: folder });
  const predict = (input: string, ...args: string[]) =>
    tacit('predict', MODEL, input, '--out', 'none.npy', ...args);
  const write = (name: string, bytes: Uint8Array): string => {
    writeFileSync(path(name), bytes);
    return path(name);
  };

  it('ends without a word when nobody reads its output', async () => {
    const child = spawn(process.execPath, [bin, 'train', '--example'], {
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const [code] = await once(child, 'close');
    expect({ code, stderr }).to.deep.equal({ code: 141, stderr: '' });
  });

  function expectError(run: Finished, code: string, exit = 1): void {
    expect(run.stderr).to.match(new RegExp(`^tacit: error \\[${code}\\]: `));
    expect(run.stderr).not.to.match(/\n {4}at /);
    expect(run.code).to.equal(exit);
    expect(run.stdout).to.equal('');
    // Nothing half-written.
    expect(
      readdirSync(folder).filter((name) => name.includes('none') || name.endsWith('.tmp')),
    ).to.deep.equal([]);
  }

  const runs: readonly [string, number, readonly string[]][] = [
    ['threads', 2, ['--repeat', '3']],
    [
      'ws',
      3,
      ['--transport', 'ws', '--parties', '3', '--model-owner', '2', '--data-owner', '0', '--tree', 'bt3'],
    ],
    ['shared weights', 2, ['--mode', 'shared', '--model-owner', '1', '--data-owner', '1']],
  ];
  for (const [name, parties, args] of runs)
    it(`predicts: ${name}`, async () => {
      const run = await tacit('predict', MODEL, INPUT, '--out', 'y.npy', '--report', 'r.json', ...args);
      expect(run.stderr).to.equal('');
      expect(run.code).to.equal(0);
      expect(run.stdout).to.match(/^output {3}\[32, 2\] in y.npy\nrounds +\d+\nsent .*\ntime .*\n$/);
      const array = parseNpy(readFileSync(path('y.npy')));
      expect(array.dtype).to.equal('float32');
      expect(array.shape).to.deep.equal([32, 2]);
      npyNumbers(array).forEach((value, i) => {
        expect(value).to.be.closeTo(EXPECTED[i], 2e-3);
      });
      const report = JSON.parse(readFileSync(path('r.json'), 'utf8'));
      expect(report.rounds).to.be.within(3, 12);
      expect(report.bytesSent).to.have.length(parties);
      expect(report.dealerBytes).to.have.length(parties);
      expect(report.dealerBytes.at(-1)).to.be.above(0);
      for (const rank of report.dealerBytes.keys())
        if (rank < parties - 1) expect(report.dealerBytes[rank]).to.equal(0);
      expect(report.setupMs).to.be.above(0);
      expect(report.inferenceMs).to.be.above(0);
      expect(report.inferences).to.have.length(args.includes('--repeat') ? 3 : 1);
      expect(report.peakRssMB).to.be.within(30, 4000);
      expect(report.operations.map((row: { name: string }) => row.name).join()).to.match(/relu/i);
      for (const row of report.operations)
        expect(row).to.have.all.keys('name', 'shape', 'rounds', 'bytes', 'ms');
    });

  it('predicts by private indices: integers where the model declares them', async () => {
    const table = Float32Array.from({ length: 40 }, (_, i) => i / 8);
    write(
      'words.onnx',
      encodeModel({
        opset: 17,
        inputs: [{ name: 'ids', type: 7, shape: ['batch', 3] }],
        outputs: [{ name: 'y' }],
        initializers: { table: { shape: [10, 4], data: table } },
        nodes: [{ op: 'Gather', inputs: ['table', 'ids'], outputs: ['y'] }],
      }),
    );
    const ids = [0, 9, 3, 3, 1, 8];
    write('ids.npy', encodeNpy([2, 3], BigInt64Array.from(ids, BigInt)));
    const run = await tacit('predict', 'words.onnx', 'ids.npy', '--out', 'rows.npy');
    expect(run.stderr).equal('');
    const { shape, data } = parseNpy(readFileSync(path('rows.npy')));
    expect(shape).deep.equal([2, 3, 4]);
    expect([...data]).deep.equal(ids.flatMap((i) => [...table.subarray(4 * i, 4 * i + 4)]));
    expect((await tacit('check', 'words.onnx')).stdout).match(/input {7}ids \[batch, 3\] of integers\n/);
  });

  it('predicts where a model can be built for known sizes only: positions of words', async () => {
    const tensor = (shape: number[], at: (i: number) => number) => ({
      shape,
      data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => at(i)),
    });
    const whole = (...data: number[]) => ({ type: 7, shape: [data.length], data });
    const node = (op: string, inputs: string[], output: string) => ({ op, inputs, outputs: [output] });
    write(
      'positions.onnx',
      encodeModel({
        opset: 17,
        inputs: [{ name: 'ids', type: 7, shape: ['batch', 'words'] }],
        outputs: [{ name: 'y' }],
        initializers: {
          table: tensor([10, 2], (i) => i),
          places: tensor([300, 2], (i) => -i / 2),
          all: whole(...Array.from({ length: 300 }, (_, i) => i)),
          ...{ zero: whole(0), one: whole(1), two: whole(2) },
        },
        nodes: [
          node('Gather', ['table', 'ids'], 'rows'),
          node('Shape', ['ids'], 'shape'),
          node('Slice', ['shape', 'one', 'two'], 'length'),
          node('Slice', ['all', 'zero', 'length', 'zero'], 'positions'),
          node('Gather', ['places', 'positions'], 'added'),
          node('Add', ['rows', 'added'], 'y'),
        ],
      }),
    );
    const ids = [0, 9, 3, 3, 1, 8];
    write('ids.npy', encodeNpy([2, 3], BigInt64Array.from(ids, BigInt)));
    const run = await tacit('predict', 'positions.onnx', 'ids.npy', '--out', 'rows.npy');
    expect(run.stderr).equal('');
    const { shape, data } = parseNpy(readFileSync(path('rows.npy')));
    expect(shape).deep.equal([2, 3, 2]);
    expect([...data]).deep.equal(
      ids.flatMap((id, i) => [0, 1].map((j) => 2 * id + j - ((i % 3) * 2 + j) / 2)),
    );
    expect((await tacit('check', 'positions.onnx')).stdout).match(
      /input {7}ids \[batch, words\] of integers\n/,
    );
  });

  describe('models of several inputs and outputs', () => {
    const encoded = (name: string, ...args: Parameters<typeof encodeNpy>) => write(name, encodeNpy(...args));
    const a = Float32Array.of(1, 2, 3, 4, 5, 6);
    const b = Float32Array.of(0.5, -1, 2);
    before(() => {
      encoded('a.npy', [2, 3], a);
      encoded('b.npy', [3], b);
      write(
        'two.onnx',
        encodeModel({
          opset: 17,
          inputs: [
            { name: 'a', shape: ['batch', 3] },
            { name: 'b', shape: [3] },
          ],
          outputs: [{ name: 'sum' }, { name: 'product' }],
          nodes: [
            { op: 'Add', inputs: ['a', 'b'], outputs: ['sum'] },
            { op: 'Mul', inputs: ['a', 'b'], outputs: ['product'] },
          ],
        }),
      );
    });
    const two = (...args: string[]) => tacit('predict', 'two.onnx', ...args);
    const values = (name: string) => npyNumbers(parseNpy(readFileSync(path(name))));
    const close = (name: string, expected: readonly number[]) =>
      values(name).forEach((v, i) => {
        expect(v, name).closeTo(expected[i], 1e-3);
      });

    it('are read by their owners, and told to whoever is named', async () => {
      const run = await two(
        ...['--parties', '3', '--input', 'a=a.npy@1', '--input', 'b=b.npy@2'],
        ...['--output', 'sum=sum.npy@2', '--output', 'product=product.npy@0'],
      );
      expect(run.stderr).equal('');
      expect(run).include({ code: 0 });
      close(
        'sum.npy',
        Array.from(a, (v, i) => v + b[i % 3]),
      );
      close(
        'product.npy',
        Array.from(a, (v, i) => v * b[i % 3]),
      );
    });

    it('may all be those of one party', async () => {
      const run = await two('--input', 'b=b.npy', '--input', 'a=a.npy', '--out', 'first.npy');
      expect(run).include({ code: 0 });
      close(
        'first.npy',
        Array.from(a, (v, i) => v + b[i % 3]),
      );
    });

    const refused: readonly [string, RegExp, readonly string[]][] = [
      ['a file without a name', /2 inputs \(a, b\)/, ['a.npy']],
      ['a missing input', /no file is given for the input 'b'/, ['--input', 'a=a.npy']],
      ['an unknown input', /no input 'c'; it has a, b/, ['--input', 'c=a.npy', '--input', 'a=a.npy']],
      ['two files for one input', /a file for each by name|two files/, ['a.npy', '--input', 'a=a.npy']],
      [
        'a rank that does not exist',
        /rank from 0 to 1, not 7/,
        ['--input', 'a=a.npy@7', '--input', 'b=b.npy'],
      ],
    ];
    for (const [name, message, args] of refused)
      it(`are refused with ${name}`, async () => {
        const run = await two(...args, '--out', 'none.npy');
        expect(run.code).above(0);
        expect(run.stderr).match(message);
      });

    it('are refused with one name twice', async () => {
      const run = await two('--input', 'a=a.npy', '--input', 'a=b.npy', '--out', 'none.npy');
      expect(run.code).above(0);
      expect(run.stderr).match(/two files for a/);
    });
  });

  it('is silent with --quiet', async () => {
    const run = await tacit('predict', MODEL, INPUT, '--out', 'quiet.npy', '--quiet');
    expect(run).to.include({ code: 0, stdout: '', stderr: '' });
  });

  it('shows help and version', async () => {
    const [help, predictHelp, version] = await Promise.all([
      tacit('--help'),
      tacit('predict', '--help'),
      tacit('--version'),
    ]);
    expect(help.code).to.equal(0);
    expect(help.stdout).to.include('predict').and.include('Examples:');
    expect(predictHelp.stdout).to.include('--model-owner').and.include('Examples:');
    expect(version.stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it('checks models', async () => {
    const run = await tacit('check', fixture('mnist_cnn_bn/model.onnx'));
    expect(run.code, run.stderr).to.equal(0);
    expect(run.stdout).to.include('runs        yes').and.include('[batch, 1, 28, 28]').and.include('Conv x2');
  });

  it('reads weights beside a model', async () => {
    const apart = fixture('linear_4_2_external/model.onnx');
    const input = fixture('linear_4_2/input.npy');
    expect((await tacit('check', apart)).stdout).equal(
      (await tacit('check', fixture('linear_4_2/model.onnx'))).stdout,
    );
    const { code } = await tacit('predict', apart, input, '--out', 'apart.npy');
    expect(code).equal(0);
    const right = npyNumbers(parseNpy(readFileSync(fixture('linear_4_2/output.npy'))));
    npyNumbers(parseNpy(readFileSync(path('apart.npy')))).forEach((value, i) => {
      expect(value).closeTo(right[i], 2 ** -12);
    });
    const alone = write('alone.onnx', readFileSync(apart));
    const missing = await tacit('predict', alone, input, '--out', 'none.npy');
    expectError(missing, 'FILE_NOT_FOUND');
    expect(missing.stderr).contain('model.onnx.data');
  });

  it('bounds the values of a model from a range of its inputs', async () => {
    const model = fixture('mnist_cnn_bn/model.onnx');
    const within = await tacit('check', model, '--input-range', '0:1');
    expect(within.stdout).to.include('every value stays below 2^28');
    const beyond = await tacit('check', model, '--input-range=-1e7:1e7');
    expect(beyond.code, beyond.stderr).to.equal(0);
    expect(beyond.stdout).to.match(/warning {5}values of node "[^"]+" \(\w+\) may reach .* scale the inputs/);
    expectError(await tacit('check', model, '--input-range', '1'), 'USAGE', 2);
    expectError(await predict(INPUT, '--input-range', '0:0.001'), 'LAUNCH_OPTIONS');
  });

  it('rejects wrong usage with exit code 2', async () => {
    expectError(await tacit('predict', MODEL, INPUT), 'USAGE', 2);
    expectError(await predict(INPUT, '--nonsense'), 'USAGE', 2);
    expectError(await predict(INPUT, '--parties', '1'), 'USAGE', 2);
    expectError(await predict(INPUT, '--data-owner', '5'), 'LAUNCH_OPTIONS', 2);
    expectError(await tacit('frobnicate'), 'USAGE', 2);
  });

  it('names the help of the command that was called', async () => {
    for (const [args, command] of [
      [['frobnicate'], 'tacit'],
      [['--nonsense', 'predict'], 'tacit'],
      [['predict', '--nonsense'], 'tacit predict'],
      [['check', 'predict', '--nonsense'], 'tacit check'],
      [['keys', '--nonsense'], 'tacit keys'],
    ] as const)
      expect((await tacit(...args)).stderr).to.include(`hint: see '${command} --help'`);
  });

  it('reports files that are missing or no files', async () => {
    expectError(await predict('missing.npy'), 'FILE_NOT_FOUND');
    expectError(await tacit('predict', folder, INPUT, '--out', 'none.npy'), 'FILE_NOT_READABLE');
    expectError(await tacit('predict', MODEL, INPUT, '--out', 'no/where.npy'), 'FILE_NOT_WRITABLE');
    expectError(await tacit('check', 'missing.onnx'), 'FILE_NOT_FOUND');
  });

  it('reports broken models', async () => {
    const model = readFileSync(MODEL);
    const text = write('text.onnx', new TextEncoder().encode('hello, I am a text file and no model at all'));
    expectError(await tacit('predict', text, INPUT, '--out', 'none.npy'), 'MODEL_FORMAT');
    const cut = write('cut.onnx', model.subarray(0, model.length >> 1));
    expectError(await tacit('predict', cut, INPUT, '--out', 'none.npy'), 'MODEL_FORMAT');
    expectError(await tacit('check', cut), 'MODEL_FORMAT');
  });

  it('names all unsupported operations at once', async () => {
    // Names of equal length keep the file well-formed.
    const model = Buffer.from(readFileSync(MODEL));
    for (const [from, to] of [
      ['Relu', 'Blob'],
      ['Gemm', 'Quux'],
    ])
      for (let at = model.indexOf(`"\x04${from}`); at >= 0; at = model.indexOf(`"\x04${from}`, at + 1))
        model.write(to, at + 2, 'latin1');
    const unsupported = write('unsupported.onnx', model);
    for (const run of [
      await tacit('check', unsupported),
      await tacit('predict', unsupported, INPUT, '--out', 'none.npy'),
    ]) {
      expectError(run, 'UNSUPPORTED_MODEL');
      expect(run.stderr).to.include('Blob').and.include('Quux');
    }
  });

  it('reports inputs that do not fit', async () => {
    const withValue = (value: number): Float32Array =>
      Float32Array.from({ length: 50 }, (_, i) => (i === 7 ? value : 0));
    const cases: readonly [string, Uint8Array, string][] = [
      ['shape.npy', encodeNpy([4, 49], new Float32Array(196)), 'INPUT_SHAPE'],
      ['int.npy', encodeNpy([1, 50], new BigInt64Array(50)), 'INPUT_DTYPE'],
      ['text.npy', new TextEncoder().encode('no array'), 'NPY_FORMAT'],
      ['short.npy', readFileSync(INPUT).subarray(0, 500), 'NPY_FORMAT'],
      ['nan.npy', encodeNpy([1, 50], withValue(Number.NaN)), 'VALUE_OUT_OF_RANGE'],
      ['large.npy', encodeNpy([1, 50], withValue(1e30)), 'VALUE_OUT_OF_RANGE'],
      ['above.npy', encodeNpy([1, 50], withValue(2 ** 20)), 'VALUE_OUT_OF_RANGE'],
    ];
    const all = await Promise.all(cases.map(([name, bytes]) => predict(write(name, bytes))));
    for (const [i, run] of all.entries()) expectError(run, cases[i][2]);
  });

  /** Starts a long prediction in processes and does something to them once the first inference runs. */
  async function disturb(act: (pids: ReadonlyMap<number, number>, launcher: number) => void) {
    const pids = new Map<number, number>();
    let acted = false;
    let text = '';
    const args = [
      'predict',
      MODEL,
      INPUT,
      '--out',
      'none.npy',
      '--transport',
      'ws',
      '--repeat',
      '100000',
      '--debug',
    ];
    const run = await node([bin, ...args, '--timeout', '10'], {
      cwd: folder,
      onStderr: (piece, launcher) => {
        text += piece;
        for (const [, rank, pid] of text.matchAll(/"started","rank":(\d),"pid":(\d+)/g))
          pids.set(Number(rank), Number(pid));
        if (acted || !text.includes('"phase":"inference"')) return;
        acted = true;
        act(pids, launcher);
      },
    });
    expect(pids.size).to.equal(3);
    expect([...pids.values()].filter(isRunning)).to.deep.equal([]);
    expect(readdirSync(folder).filter((name) => name.includes('none'))).to.deep.equal([]);
    return { ...run, error: run.stderr.split('\n').find((line) => line.startsWith('tacit: error')) };
  }

  it('names a party or the dealer that was killed', async () => {
    const party = await disturb((pids) => process.kill(pids.get(1) ?? 0, 'SIGKILL'));
    expect(party.error).to.match(/^tacit: error \[PARTY_EXITED\]: party 1 was killed by SIGKILL/);
    expect(party.code).to.equal(1);
    const dealer = await disturb((pids) => process.kill(pids.get(2) ?? 0, 'SIGKILL'));
    expect(dealer.error).to.match(/^tacit: error \[PARTY_EXITED\]: the dealer was killed by SIGKILL/);
  });

  it('cleans up on SIGINT, and when it is killed itself', async () => {
    const interrupted = await disturb((_pids, launcher) => process.kill(launcher, 'SIGINT'));
    expect(interrupted.code).to.equal(130);
    expect(interrupted.error).to.match(/LAUNCH_ABORTED/);
    const pids: number[] = [];
    await disturb((members, launcher) => {
      pids.push(...members.values());
      process.kill(launcher, 'SIGKILL');
    }).catch(() => {});
    // Its members notice that it is gone.
    for (let i = 0; i < 50 && pids.some(isRunning); i++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(pids).to.have.length(3);
    expect(pids.filter(isRunning)).to.deep.equal([]);
  });
});
