// npm run release -- VERSION [--dry-run]: a release of all packages at once, as lerna 9 makes it.
//   VERSION    patch, minor, major or the number itself; minor if it is left out with --dry-run
//   --dry-run  does everything in a clone of the last commit and leaves nothing here but the tarballs in build/release
//
// 1. lerna writes the version into all packages and their dependencies on each other;
// 2. scripts/release/changelogs.mjs, as lerna's lifecycle script `version`, closes the section "Unreleased" of
//    CHANGELOG.md and writes a CHANGELOG.md for each package from the subjects of its commits;
// 3. lerna commits and tags; 4. all packages are built and packed.
// Nothing is pushed or published: the last lines say how. lerna is fetched by npx, since it weighs more than all else.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const LERNA = 'lerna@9.0.7';
const { values, positionals } = parseArgs({
  options: { 'dry-run': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const dryRun = values['dry-run'];
const [version = dryRun ? 'minor' : undefined] = positionals;
const target = resolve('build/release');

function run(command, args, cwd, env = {}) {
  process.stdout.write(`\n== ${command} ${args.join(' ')}\n`);
  const { status } = spawnSync(command, args, {
    cwd,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    // Neither telemetry nor a daemon that stays.
    env: { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', CI: 'true', ...env },
  });
  if (status !== 0) throw new Error(`${command} ${args[0]} ended with ${status}`);
}
const output = (args) => spawnSync('git', args, { encoding: 'utf8' }).stdout.trim();

function release(root) {
  if (dryRun) run('npm', ['ci', '--prefer-offline'], root);
  // All packages have one version, and each names the others' exactly.
  const options = ['--yes', '--exact', '--force-publish', '--no-push'];
  if (dryRun) options.push('--allow-branch', '*');
  // .npmrc keeps npm from running scripts at an install, and would keep lerna from running our own `version`.
  run('npx', ['--yes', LERNA, 'version', version, ...options], root, { npm_config_ignore_scripts: 'false' });
  run('npm', ['run', 'build'], root);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const names = readdirSync(join(root, 'packages'))
    .map((name) => JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')))
    .filter((manifest) => !manifest.private)
    .map(({ name }) => name);
  const workspaces = names.flatMap((name) => ['--workspace', name]);
  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', target, ...workspaces], root);
  const packed = readdirSync(target);
  if (packed.length !== names.length) throw new Error(`${packed.length} of ${names.length} packages packed`);
  for (const file of packed)
    process.stdout.write(`${file}: ${(statSync(join(target, file)).size / 1000).toFixed(0)} kB\n`);
}

if (version === undefined) {
  process.stderr.write('usage: npm run release -- patch|minor|major|VERSION [--dry-run]\n');
  process.exit(2);
}
if (dryRun) {
  const clone = mkdtempSync(join(tmpdir(), 'tacit-release-'));
  try {
    run('git', ['clone', '--quiet', '--no-hardlinks', '.', clone]);
    for (const key of ['user.name', 'user.email'])
      run('git', ['config', key, output(['config', key]) || 'dry-run'], clone);
    release(clone);
    run('git', ['--no-pager', 'show', '--stat', '--format=%d %s', 'HEAD'], clone);
    process.stdout.write('\nA dry run: nothing was changed here; the packages are in build/release.\n');
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
} else {
  if (output(['status', '--porcelain']) !== '') throw new Error('there are changes that are not committed');
  release(process.cwd());
  process.stdout.write('\nNow: git push --follow-tags, and npm publish of each file in build/release.\n');
}
