// node scripts/network/run-tutorial.mjs TUTORIAL.md: runs the commands of a tutorial as they are printed, each
// member in a network namespace of its own from which only the relay can be reached. Where there can be no namespaces it
// says so and ends well, unless CI says that there must be (TACIT_NAMESPACES=required).
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeNetwork, whyNoNamespaces } from './namespaces.mjs';
import { blocksOf, missingLines } from './shell-tutorial.mjs';

const RELAY = 'relay';
const BLOCK_SECONDS = 120;

const [path] = process.argv.slice(2);
const reason = whyNoNamespaces();
if (reason !== undefined) {
  process.stdout.write(`skipped: ${path} was not run, since ${reason}\n`);
  process.exit(process.env.TACIT_NAMESPACES === 'required' ? 1 : 0);
}

const blocks = blocksOf(readFileSync(path, 'utf8'));
const members = [...new Set(blocks.map(({ who }) => who))].filter((who) => who !== RELAY);
const folder = mkdtempSync(join(tmpdir(), 'tacit-tutorial-'));
const network = makeNetwork(RELAY, members);
const running = new Set();
const printed = new Map();

mkdirSync(join(folder, 'bin'));
mkdirSync(join(folder, 'mail'));
symlinkSync(resolve('packages/tacit/bin/tacit.mjs'), join(folder, 'bin', 'tacit'));
for (const who of [RELAY, ...members]) {
  mkdirSync(join(folder, who));
  // What organisations send each other by mail.
  symlinkSync(join(folder, 'mail'), join(folder, who, 'mail'));
}

let failure;
try {
  for (const block of blocks) {
    if (block.kind === 'text') await expectText(block);
    else if (block.stays) start(block);
    else await finish(block);
  }
  for (const who of members) {
    if (network.listening(who) !== '')
      throw new Error(`${who} listens, and should only dial out: ${network.listening(who)}`);
    for (const other of members) if (other !== who) await expectNoRoute(who, other);
  }
} catch (error) {
  failure = error;
} finally {
  await Promise.all([...running].map(stop));
  network.close();
  rmSync(folder, { recursive: true, force: true });
}
if (failure !== undefined) {
  process.stderr.write(`${failure.message}\n`);
  process.exitCode = 1;
} else
  process.stdout.write(
    `${path}: ${blocks.length} blocks ran as printed; ${members.join(', ')} listen nowhere\n`,
  );

function shell({ who, text }) {
  const [command, ...args] = network.inside(who);
  const child = spawn(command, [...args, 'bash', '-euo', 'pipefail', '-c', text], {
    cwd: join(folder, who),
    env: {
      ...process.env,
      HOME: join(folder, who),
      PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
      NO_COLOR: '1',
    },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const own = { who, child, output: '', onOutput: () => {} };
  printed.set(who, own);
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (data) => {
      own.output += data;
      for (const line of data.trimEnd().split('\n')) process.stdout.write(`${who.padEnd(8)}${line}\n`);
      own.onOutput();
    });
  own.exited = new Promise((end) => child.on('close', (code, signal) => end(code ?? signal)));
  return own;
}

function start(block) {
  for (const line of block.text.trimEnd().split('\n'))
    process.stdout.write(`${block.who.padEnd(8)}$ ${line}\n`);
  const own = shell(block);
  running.add(own);
  own.exited.then((code) => {
    running.delete(own);
    own.ended = code;
    own.onOutput();
  });
}

async function finish(block) {
  for (const line of block.text.trimEnd().split('\n'))
    process.stdout.write(`${block.who.padEnd(8)}$ ${line}\n`);
  const own = shell(block);
  const timer = setTimeout(() => process.kill(-own.child.pid, 'SIGKILL'), BLOCK_SECONDS * 1000);
  const code = await own.exited;
  clearTimeout(timer);
  if (code !== 0)
    throw new Error(`the commands of ${block.who} ended with ${code}:\n${block.text}\n${own.output}`);
}

/** Waits for the text of a process that stays; of one that has ended it must be there. */
async function expectText({ who, text }) {
  const own = printed.get(who);
  const until = Date.now() + BLOCK_SECONDS * 1000;
  for (;;) {
    const line = missingLines(text, own.output);
    if (line === undefined) return;
    if (!running.has(own) || Date.now() > until)
      throw new Error(`${who} did not print "${line}" but:\n${own.output}`);
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, 1000);
      own.onOutput = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

async function expectNoRoute(from, to) {
  const program = `require('node:net').connect(443, '${network.addressOf(to)}').on('connect', () => process.exit(1)).on('error', () => process.exit(0))`;
  const [command, ...args] = network.inside(from);
  const child = spawn(command, [...args, process.execPath, '-e', program], { stdio: 'ignore' });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${from} can reach ${to}`);
}

async function stop({ child, exited }) {
  process.kill(-child.pid, 'SIGTERM');
  const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 20_000);
  await exited;
  clearTimeout(timer);
}
