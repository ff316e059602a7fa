// node deploy/check.mjs [--offline]: the steps of deploy/Dockerfile, without Docker. Puts together in a clean folder what
// the image would hold, as deploy/stage.mjs and npm ci do there, makes it read-only, and starts every role's command from
// it as another user, with a home of its own as the only place to write to. It does not build an image: base image, COPY
// and the rest of the Dockerfile's own instructions are checked by their text only (test/deploy.test.ts).
//
// Needs a build (npm run build) and, for npm ci, a registry or npm's cache (--offline). As root the commands run as 10001,
// otherwise as the present user on files that nobody may write.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const UID = 10001;
const ROLES = [
  'party',
  'dealer',
  'relay',
  'run',
  'identity',
  'peers',
  'invite',
  'join',
  'doctor',
  'audit',
  'config',
  'batch',
];
const { values } = parseArgs({ options: { offline: { type: 'boolean', default: false } } });
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const isRoot = process.getuid?.() === 0;
const user = isRoot ? { uid: UID, gid: UID } : {};

const folder = mkdtempSync(join(tmpdir(), 'tacit-image-'));
const app = join(folder, 'app');
const home = join(folder, 'home', 'tacit');
const tacit = join(app, 'packages', 'tacit', 'bin', 'tacit.mjs');
try {
  chmodSync(folder, 0o755);
  step('stage', [join(root, 'deploy', 'stage.mjs'), folder]);
  const workspaces = ['--workspace=tacit', '--workspace=@tacit/batch'];
  const install = ['ci', '--omit=dev', ...workspaces, '--ignore-scripts', '--no-audit', '--no-fund'];
  run('npm', values.offline ? [...install, '--offline'] : install, { cwd: app });
  step('unneeded', [join(app, 'unneeded.mjs')]);
  readOnly(app);
  if (isRoot) chownSync(home, UID, UID);

  fails('write into the image', ['-e', `require('fs').writeFileSync(${JSON.stringify(join(app, 'x'))}, '')`]);
  succeeds('write into the home', [
    '-e',
    `require('fs').writeFileSync(${JSON.stringify(join(home, 'x'))}, '')`,
  ]);
  succeeds('tacit --version', [tacit, '--version']);
  for (const role of ROLES) succeeds(`tacit ${role} --help`, [tacit, role, '--help']);
  succeeds('a program imports tacit', ['-e', "import('tacit')"], { cwd: app });
  await relay();
  process.stdout.write(`all as in the image would be: ${size(app)} MB\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** `tacit relay` comes up, is alive and ready, passes the health check, and ends in order. */
async function relay() {
  const [port, operate] = [await freePort(), await freePort()];
  const config = join(folder, 'config.yaml');
  writeFileSync(
    config,
    `relayServer:\n  listen: { host: 127.0.0.1, port: ${port}, plain: true }\n  allow: anyone\n`,
  );
  const env = { ...environment(), TACIT_CONFIG: config, TACIT_OPERATE__PORT: String(operate) };
  const child = spawn(process.execPath, [tacit, 'relay'], {
    ...user,
    env,
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  const ended = new Promise((done) => child.once('exit', (code, signal) => done(code ?? signal)));
  try {
    for (const path of ['/livez', '/readyz'])
      await answers(`http://127.0.0.1:${operate}${path}`, ended, () => said);
    succeeds('the health check', [join(app, 'healthcheck.mjs')], { env });
    child.kill('SIGTERM');
    const code = await ended;
    if (code !== 0) throw new Error(`tacit relay ended with ${code} after SIGTERM:\n${said}`);
    process.stdout.write('ok: tacit relay starts, is ready, and ends at SIGTERM\n');
    fails('the health check without a relay', [join(app, 'healthcheck.mjs')], { env });
  } finally {
    child.kill('SIGKILL');
  }
}

async function answers(url, ended, said) {
  for (let left = 200; left > 0; left--) {
    const status = await fetch(url).then(
      (response) => response.status,
      () => undefined,
    );
    if (status === 200) return;
    const code = await Promise.race([ended, new Promise((done) => setTimeout(done, 100, 'running'))]);
    if (code !== 'running') throw new Error(`tacit relay ended with ${code}:\n${said()}`);
  }
  throw new Error(`${url} did not answer 200 in 20 s:\n${said()}`);
}

function environment() {
  return { PATH: process.env.PATH, NODE_ENV: 'production', TACIT_HOME: home };
}

function start(args, options) {
  return spawnSync(process.execPath, args, {
    ...user,
    cwd: home,
    env: environment(),
    encoding: 'utf8',
    timeout: 60_000,
    ...options,
  });
}

function succeeds(what, args, options) {
  const { status, stderr } = start(args, options);
  if (status !== 0) throw new Error(`${what}: exit code ${status}\n${stderr}`);
  process.stdout.write(`ok: ${what}\n`);
}

function fails(what, args, options) {
  const { status } = start(args, options);
  if (status === 0) throw new Error(`${what} should have failed`);
  process.stdout.write(`ok: fails to ${what}\n`);
}

function step(what, args) {
  process.stdout.write(`${what}\n`);
  run(process.execPath, args, { cwd: app });
}

function run(command, args, { cwd }) {
  mkdirSync(cwd, { recursive: true });
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}

/** Nobody may write, everybody may read. */
function readOnly(path) {
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    chmodSync(file, entry.isDirectory() ? 0o555 : 0o444);
  }
  chmodSync(path, 0o555);
}

function size(path) {
  const { stdout } = spawnSync('du', ['-sm', path], { encoding: 'utf8' });
  return Number.parseInt(stdout, 10);
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
