/** A training whose processes are all killed goes on by the same command, to the same losses. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { node, program, workspace } from './helpers/run.js';

const EPOCHS = 4;

interface Line {
  readonly epochs: number;
  readonly loss: number;
}

const lines = (text: string): Line[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line));

/** Starts a training and kills it when it has said so many lines. */
const killedAfter = (args: readonly string[], count: number): Promise<Line[]> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env: { ...process.env, NODE_OPTIONS: '' } });
    let text = '';
    child.stdout.on('data', (part) => {
      text += part;
      if (lines(text).length >= count) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      signal === 'SIGKILL' ? resolve(lines(text)) : reject(new Error(`it ended with ${code}: ${text}`)),
    );
  });

describe('a training that is killed', () => {
  it('goes on where it was, by the same command', async function () {
    this.timeout(120_000);
    const { folder, remove } = workspace();
    try {
      const command = (name: string) => {
        mkdirSync(join(folder, name));
        return [program('training.mjs'), join(folder, name), String(EPOCHS)];
      };
      const whole = await node(command('whole'));
      expect({ code: whole.code, stderr: whole.stderr }).deep.equal({ code: 0, stderr: '' });
      const right = lines(whole.stdout);
      const killed = command('killed');
      const before = await killedAfter(killed, 2);
      const { code, stdout, stderr } = await node(killed);
      expect({ code, stderr }).deep.equal({ code: 0, stderr: '' });
      const after = lines(stdout);
      // An epoch may have been finished and not said.
      expect(after[0].epochs).within(2, before.length + 2);
      expect(after.at(-1)?.epochs).equal(EPOCHS);
      for (const { epochs, loss } of [...before, ...after])
        expect(loss, `epoch ${epochs}`).closeTo(right[epochs - 1].loss, 2 ** -7);
      // Once it is finished, there is nothing left to do.
      expect(lines((await node(killed)).stdout)).deep.equal([]);
    } finally {
      remove();
    }
  });
});
