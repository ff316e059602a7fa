/** `tacit he` as users run it: compile, infer on this machine, serve, infer at the service, and what goes wrong. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeNpy, npyNumbers, parseNpy } from '@tacit/files';
import { expect } from 'chai';
import { Command } from 'commander';
import { root, run } from './helpers/run-script.js';

const bin = join(root, 'packages/tacit/bin/tacit.mjs');
const fixture = (path: string) => join(root, 'fixtures', path);
const he = (...args: string[]) => run(process.execPath, [bin, 'he', ...args]);
const numbers = (path: string) => npyNumbers(parseNpy(readFileSync(path)));

describe('tacit he', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'tacit-he-cli-'));
  const at = (name: string) => join(folder, name);
  const model = fixture('mnist_lenet1_square/model.onnx');
  const expected = numbers(fixture('linear_4_2/output.npy')).subarray(0, 4);

  before(() => {
    const digits = numbers(fixture('mnist_lenet1_square/input.npy'));
    writeFileSync(at('digits.npy'), encodeNpy([2, 1, 28, 28], digits.slice(0, 2 * 784)));
    // Small, since each command makes keys.
    const input = numbers(fixture('linear_4_2/input.npy'));
    writeFileSync(at('two.npy'), encodeNpy([2, 4], input.slice(0, 2 * 4)));
    writeFileSync(at('short.npy'), encodeNpy([5], input.slice(0, 5)));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const expectOutputs = (path: string) => {
    const array = parseNpy(readFileSync(path));
    expect(array.shape).to.deep.equal([2, 2]);
    npyNumbers(array).forEach((value, i) => {
      expect(value).to.be.closeTo(expected[i] as number, 1e-2);
    });
  };

  it('compile writes two files and says what the plan costs', async () => {
    const samples = ['--samples', at('digits.npy')];
    const { code, stdout, stderr } = await he(
      'compile',
      model,
      '--out',
      at('lenet'),
      ...samples,
      '--name',
      'lenet',
    );
    expect(code, stderr).to.equal(0);
    expect(stdout)
      .to.match(/ring degree +8192/)
      .and.match(/128-bit security/)
      .and.match(/0 affine +.*Conv +6 +\d+ +36/);
    expect(existsSync(at('lenet/server.heml')) && existsSync(at('lenet/client.heml'))).to.equal(true);
    expect(statSync(at('lenet/client.heml')).size).to.be.lessThan(20_000);
  });

  it('infer runs both sides on this machine', async () => {
    await he('compile', fixture('linear_4_2/model.onnx'), '--out', at('linear'), '--input-range', '-4,4');
    const { code, stderr } = await he(
      'infer',
      at('linear'),
      at('two.npy'),
      '--out',
      at('out.npy'),
      '--report',
      at('report.json'),
    );
    expect(code, stderr).to.equal(0);
    expectOutputs(at('out.npy'));
    expect(JSON.parse(readFileSync(at('report.json'), 'utf8'))).to.include({ inputs: 2 });
  });

  /** A service of its own process, whose address `body` gets. */
  async function serving(body: (url: string) => Promise<void>): Promise<void> {
    const server = spawn(
      process.execPath,
      [bin, 'he', 'serve', at('linear'), '--port', '0', '--state', at('state'), '--workers', '1'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    try {
      let said = '';
      const url = await new Promise<string>((resolve, reject) => {
        server.stderr.on('data', (chunk) => {
          said += chunk;
          const found = /http:\S+/.exec(said);
          if (found) resolve(found[0]);
        });
        server.once('exit', () => reject(new Error(said)));
      });
      await body(url);
    } finally {
      server.kill('SIGTERM');
      await once(server, 'exit');
    }
    expect(server.exitCode).to.equal(0);
  }

  it('serve and infer: keys are kept, the secret key is for its owner only', () =>
    serving(async (url) => {
      for (let i = 0; i < 2; i++) {
        const { code, stderr } = await he(
          'infer',
          url,
          at('two.npy'),
          '--out',
          at('remote.npy'),
          '--secret-key',
          at('client.key'),
        );
        expect(code, stderr).to.equal(0);
        expectOutputs(at('remote.npy'));
      }
      if (process.platform !== 'win32') expect(statSync(at('client.key')).mode & 0o077).to.equal(0);
      const page = await fetch(`${url}/app/`);
      expect(page.status).to.equal(200);
      expect(await page.text()).to.contain('Draw a digit');
    }));

  it('infer sends all inputs also where answers cannot be read, so that nobody sees which', () =>
    serving(async (url) => {
      let asked = 0;
      // Between client and service: the first answer is the question.
      const between = createServer(async (request, response) => {
        const body = Buffer.concat(await request.toArray());
        if (request.url?.includes('/infer') && asked++ === 0) {
          response.setHeader('x-frames-per-image', 1).end(body);
          return;
        }
        const { method, headers } = request;
        const type = headers['content-type'];
        const reply = await fetch(url + request.url, {
          method,
          headers: type === undefined ? {} : { 'content-type': type },
          body: method === 'GET' ? undefined : body,
        });
        reply.headers.forEach((value, name) => {
          response.setHeader(name, value);
        });
        response.writeHead(reply.status);
        response.end(Buffer.from(await reply.arrayBuffer()));
      });
      await once(between.listen(0, '127.0.0.1'), 'listening');
      const { port } = between.address() as AddressInfo;
      const { code, stderr } = await he('infer', `http://127.0.0.1:${port}`, at('two.npy'), '--out', at('x'));
      between.close();
      expect(stderr).to.contain('[HE_RESULT]');
      expect(code).to.equal(1);
      expect(asked).to.equal(2);
      expect(existsSync(at('x'))).to.equal(false);
    }));

  const failures: readonly [string, string[], string, number][] = [
    ['a ReLU', ['compile', fixture('mnist_mlp_784_128_128_10/model.onnx'), '--out', at('x')], 'HE_MODEL', 1],
    ['too much precision', ['compile', model, '--out', at('x'), '--precision', '1e-12'], 'HE_PLAN', 1],
    ['a file that is not a model', ['compile', at('two.npy'), '--out', at('x')], 'MODEL_FORMAT', 1],
    ['no such file', ['compile', at('none.onnx'), '--out', at('x')], 'FILE_NOT_FOUND', 1],
    ['a wrong mode', ['compile', model, '--out', at('x'), '--mode', 'fast'], 'USAGE', 2],
    ['a folder without a model', ['infer', folder, at('two.npy')], 'FILE_NOT_FOUND', 1],
    ['an input of another size', ['infer', at('linear'), at('short.npy')], 'USAGE', 2],
    ['a service that is not there', ['infer', 'http://127.0.0.1:9', at('two.npy')], 'SERVICE_UNREACHABLE', 1],
    ['nothing to serve', ['serve', at('nothing'), '--state', at('state')], 'SERVICE_MODEL', 1],
  ];
  for (const [what, args, code, exit] of failures)
    it(`${what}: ${code}`, async () => {
      const result = await he(...args);
      expect(result.stderr).to.contain(`[${code}]`);
      expect(result.code).to.equal(exit);
      expect(existsSync(at('x'))).to.equal(false);
    });

  it('says which package a command is in where it is not installed', async () => {
    const absent = (name: string) =>
      Promise.reject(
        Object.assign(new Error(`Cannot find package '${name.replace('/cli', '')}'`), {
          code: 'ERR_MODULE_NOT_FOUND',
        }),
      );
    for (const [command, missing] of [
      ['compile', '@tacit/he-service'],
      ['test', '@tacit/he-layers'],
    ] as const) {
      const args = ['he', command, 'model.onnx', '--precision', '1'];
      const program = new Command('tacit').exitOverride();
      const { heCommand } = await import(new URL('../packages/tacit/bin/he.mjs', import.meta.url).href);
      (await heCommand(args, absent))(program);
      const error = await program.parseAsync(args, { from: 'user' }).catch((thrown: Error) => thrown);
      expect(error).to.have.property('code', 'NOT_INSTALLED');
      expect(error).to.have.property('message').that.contains(`npm install ${missing}`);
    }
    const { dependencies } = JSON.parse(readFileSync(join(root, 'packages/tacit/package.json'), 'utf8'));
    expect(Object.keys(dependencies).filter((name) => name.startsWith('@tacit/he'))).to.deep.equal([]);
  });
});
