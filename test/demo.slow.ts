/** `npm run demo`: both parties get what plaintext gives, without a terminal and without colour, and fail loudly. */
import { spawn } from 'node:child_process';
import { fixtureArray } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import { root, run } from './helpers/run-script.js';

const demo = 'examples/private-digits/main.mjs';
const { FORCE_COLOR: _, ...plainEnv } = process.env;

describe('the demo', function () {
  this.timeout(60_000);
  let output: Awaited<ReturnType<typeof run>>;
  before(async () => {
    output = await run(process.execPath, [demo], { env: { ...plainEnv, NO_COLOR: '1' } });
  });

  it('ends well, without escape sequences, in lines that fit', () => {
    expect(output.code, output.stderr).equal(0);
    expect(output.stdout).not.include('\x1b');
    expect(output.stderr).equal('');
    for (const line of output.stdout.split('\n')) expect(line.length, line).at.most(110);
  });

  it('reads as many of the 200 digits right as the network in plaintext', () => {
    const logits = fixtureArray('mnist_cnn_bn/logits_test1000.npy').data;
    const labels = fixtureArray('mnist_test_1000/labels.npy').data;
    const right = Array.from({ length: 200 }, (_, i) => {
      const row = [...logits.subarray(i * 10, i * 10 + 10)];
      return row.indexOf(Math.max(...row)) === labels[i];
    }).filter(Boolean).length;
    expect(output.stdout).match(new RegExp(`${right} of 200 right`));
  });

  it('shows digits, costs, shares that add up, and that files stayed with their owners', () => {
    const { stdout } = output;
    expect(stdout.match(/network: \d, label: \d/g)).have.length(6);
    expect(stdout).match(/[█▀▄]{4}/);
    expect(stdout).match(/one digit alone +\d+ rounds/);
    const rows = [...stdout.matchAll(/^ +(\d+) {3}([0-9a-f]{16}) {4}([0-9a-f]{16}) {4}([0-9a-f]{16})$/gm)];
    expect(rows).have.length(8);
    expect(new Set(rows.flatMap(([, , bob, alice]) => [bob, alice])).size).equal(16);
    for (const [, pixel, bob, alice] of rows) {
      const sum = BigInt.asIntN(64, BigInt(`0x${bob}`) + BigInt(`0x${alice}`));
      expect(Math.round((Number(sum) / 65536) * 255)).equal(Number(pixel));
    }
    expect(stdout.match(/refused by Node\.js/g)).have.length(2);
  });

  it('ends with an error that says who is gone, and leaves no process behind; in colour when asked to', async () => {
    const child = spawn(process.execPath, [demo], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, FORCE_COLOR: '1' },
    });
    let stdout = '';
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const bob = /Bob +process (\d+)/.exec(stdout)?.[1];
      if (bob && !killed) process.kill(Number(bob), 'SIGKILL');
      killed ||= bob !== undefined;
    });
    let killed = false;
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).equal(1);
    expect(stderr).match(/the demo failed: Bob ended with SIGKILL/);
    expect(stdout).include('\x1b[1;36m');
    const others = [...stdout.matchAll(/(?:Alice|dealer) +process (\d+)/g)].map((match) => Number(match[1]));
    expect(others).have.length(2);
    for (const pid of others) expect(() => process.kill(pid, 0), `process ${pid}`).throw();
  });
});
