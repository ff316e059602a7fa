/** Programs of the other suites run unchanged in the plain one: in the clear, in this thread. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type LaunchEvent, runInProcess, runMultiprocess } from 'tacit';
import { promisedLines, root, runTsx } from './helpers/run-script.js';

const failure = (
  running: Promise<unknown>,
): Promise<Error & { code?: string; cause?: unknown; rank?: number }> =>
  running.then(
    () => expect.fail('went well'),
    (error) => error,
  );

describe('the plain suite', () => {
  const scratch = join(root, 'build/plain');
  before(() => mkdirSync(scratch, { recursive: true }));
  after(() => rmSync(scratch, { recursive: true, force: true }));

  it('runs the first program of README.md', async () => {
    const [, source] = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
    const plain = source.replace('{ worldSize: 2 }', "{ worldSize: 2, suite: 'plain' }");
    expect(plain).not.equal(source);
    const file = join(scratch, 'readme.ts');
    writeFileSync(file, plain);
    const { code, stdout, stderr } = await runTsx(file);
    expect(code, stderr).equal(0);
    expect(stdout.trimEnd().split('\n')).deep.equal(promisedLines(source));
  });

  it('runs mnist_cnn_bn with owned and with shared weights, as near to plaintext as fixed point is', async () => {
    const { code, stdout, stderr } = await runTsx(join(root, 'test/programs/plain-digits.ts'));
    expect(code, stderr).equal(0);
    const errors = stdout.trimEnd().split('\n').map(Number);
    expect(errors.length).equal(2);
    for (const error of errors) expect(error).lessThan(0.002);
  });

  it('tells what threads would tell: notices, results, and who failed first with what', async () => {
    const events: LaunchEvent[] = [];
    const program = async (party: Parameters<Parameters<typeof runInProcess>[1]>[0]) => {
      party.notify(party.rank);
      return party.cryptensor([1.5], { src: 0 }).getPlainText();
    };
    const options = { worldSize: 3, onEvent: (event: LaunchEvent) => events.push(event) };
    const [tensor] = await runMultiprocess({ ...options, suite: 'plain' }, import.meta.url, program);
    expect(tensor.dims).deep.equal([1]);
    expect(Array.from(tensor.data as Float32Array)).deep.equal([1.5]);
    expect(events.flatMap((event) => (event.type === 'notice' ? [event.data] : []))).deep.equal([0, 1, 2]);

    const broken = await failure(
      runInProcess({ worldSize: 2 }, async (party) => {
        if (party.rank === 1) throw new RangeError('no data');
        return party.cryptensor(undefined, { src: 1, shape: [2] }).reveal();
      }),
    );
    expect([broken.code, broken.rank]).deep.equal(['PARTY_FAILED', 1]);
    expect(broken.cause).instanceOf(RangeError);

    const different = await failure(
      runInProcess({ worldSize: 2 }, (party) => {
        const x = party.cryptensor([1, 2], { src: 0 });
        return (party.rank === 0 ? x.neg() : x.relu()).reveal();
      }),
    );
    expect((different.cause as { code?: string }).code).equal('PROGRAM_MISMATCH');

    const nested = await failure(
      runInProcess({ worldSize: 2 }, () => runMultiprocess({ worldSize: 2 }, import.meta.url, () => 1)),
    );
    expect((nested.cause as { code?: string }).code).equal('LAUNCH_NESTED');

    const unsuited = await failure(runInProcess({ worldSize: 1 }, () => 1));
    expect(unsuited.code).equal('LAUNCH_OPTIONS');
  });

  it('ends when it is cancelled, whatever its parties wait for', async () => {
    const controller = new AbortController();
    const running = runInProcess({ worldSize: 2, signal: controller.signal }, () => new Promise(() => {}));
    controller.abort('enough');
    expect((await failure(running)).code).equal('LAUNCH_ABORTED');
  });
});
