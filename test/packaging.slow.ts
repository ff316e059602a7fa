/**
 * What npm would publish works outside of this repository: all packages are packed, unpacked into an empty project,
 * and used there. Dependencies from elsewhere are linked from this repository, so nothing is downloaded.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { root, run } from './helpers/run-script.js';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const workspaces = readdirSync(join(root, 'packages'))
  .map((name) => manifestIn(join(root, 'packages', name)))
  .filter((manifest) => !manifest.private);

function* filesUnder(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    else yield path;
  }
}

describe('packages as npm would publish them', function () {
  this.timeout(60_000);
  let project: string;
  const installed = (name: string) => join(project, 'node_modules', name);

  before(async () => {
    project = realpathSync(mkdtempSync(join(tmpdir(), 'tacit-packaging-')));
    writeFileSync(
      join(project, 'package.json'),
      '{ "name": "outside", "private": true, "type": "module" }\n',
    );
    const selection = workspaces.flatMap(({ name }) => ['--workspace', name]);
    const packed = await run(npm, ['pack', '--ignore-scripts', '--pack-destination', project, ...selection]);
    expect(packed.code, packed.stderr).equal(0);
    const foreign = new Set<string>();
    for (const { name, version, dependencies, bin } of workspaces) {
      mkdirSync(installed(name), { recursive: true });
      const tarball = join(project, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
      const unpacked = await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed(name)]);
      expect(unpacked.code, unpacked.stderr).equal(0);
      for (const dependency of Object.keys(dependencies ?? {}))
        if (!workspaces.some((w) => w.name === dependency)) foreign.add(dependency);
      // npm links commands; of two packages with the same one the umbrella is what a user installs.
      if (name === 'tacit')
        for (const [command, path] of Object.entries(bin ?? {})) {
          mkdirSync(installed('.bin'), { recursive: true });
          chmodSync(join(installed(name), path), 0o755);
          symlinkSync(join('..', name, path), installed(`.bin/${command}`));
        }
    }
    for (const name of [...foreign, '@types/node', 'undici-types']) {
      if (!existsSync(join(root, 'node_modules', name))) continue;
      mkdirSync(dirname(installed(name)), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), installed(name), 'dir');
    }
  });
  after(() => rmSync(project, { recursive: true, force: true }));

  it('hold code, types, license and read-me, and everything that they export', () => {
    for (const { name, exports, bin } of workspaces) {
      for (const file of ['LICENSE', 'README.md', 'package.json'])
        expect(existsSync(join(installed(name), file)), `${name} lacks ${file}`).equal(true);
      const targets = Object.values(exports).flatMap((entry) => Object.values(entry));
      for (const target of [...targets, ...Object.values(bin ?? {})])
        expect(existsSync(join(installed(name), target)), `${name} lacks ${target}`).equal(true);
      expect(existsSync(join(installed(name), 'test'))).equal(false);
    }
  });

  it('import only what they declare', () => {
    for (const { name, dependencies, optionalDependencies } of workspaces) {
      const declared = [...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {}), name];
      for (const file of filesUnder(join(installed(name), 'dist'))) {
        if (!file.endsWith('.js') && !file.endsWith('.d.ts')) continue;
        const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
        for (const [, specifier] of code.matchAll(/^(?:import|export)(?:\b.*\bfrom)? ['"]([^'"]+)['"];$/gm)) {
          if (specifier.startsWith('.') || specifier.startsWith('node:')) continue;
          const wanted = specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/');
          if (builtinModules.includes(wanted)) continue;
          expect(declared, `${file} imports ${specifier}`).include(wanted);
        }
      }
    }
  });

  it('run a program of two parties', async () => {
    const program = `
      import { isEncryptedTensor, nn, runMultiprocess } from 'tacit';
      import * as onnx from 'tacit/onnx';
      const [answer] = await runMultiprocess({ worldSize: 2 }, import.meta.url, async (party) => {
        const x = party.cryptensor([[1, -2], [3, 4]], { src: 0 });
        const w = party.cryptensor([[0.5], [2]], { src: 1 });
        if (!isEncryptedTensor(x)) throw new Error('not a tensor');
        return x.matmul(w).relu().getPlainText();
      });
      console.log(JSON.stringify([...answer.data]), typeof nn.Linear, typeof onnx.parseOnnx);
    `;
    writeFileSync(join(project, 'program.mjs'), program);
    const { code, stdout, stderr } = await run(process.execPath, ['program.mjs'], { cwd: project });
    expect(code, stderr).equal(0);
    expect(stdout.trim()).equal('[0,9.5] function function');
  });

  it('have types that a strict program compiles against', async () => {
    const program = `
      import { type CrypTensor, runMultiprocess } from 'tacit';
      export const answers: number[] = await runMultiprocess({ worldSize: 2 }, import.meta.url, async (party) => {
        const x: CrypTensor = party.cryptensor([1, 2], { src: 0 });
        return (await x.sum().getPlainText()).data.length;
      });
      // @ts-expect-error a secret is not a number
      export const wrong: number = (x: CrypTensor) => x;
    `;
    writeFileSync(join(project, 'program.ts'), program);
    const options = '--noEmit --strict --module nodenext --target es2022 --lib ES2023,DOM,ESNext.Disposable';
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { code, stdout } = await run(process.execPath, [tsc, ...options.split(' '), 'program.ts'], {
      cwd: project,
    });
    expect(code, stdout).equal(0);
  });

  it('bring the command tacit', async () => {
    const help = await run(npm.replace('npm', 'npx'), ['--offline', 'tacit', '--help'], { cwd: project });
    expect(help.code, help.stderr).equal(0);
    expect(help.stdout).match(/tacit predict/);
    const args = ['--offline', 'tacit', 'check', join(root, 'fixtures/linear_4_2/model.onnx')];
    const check = await run(npm.replace('npm', 'npx'), args, { cwd: project });
    expect(check.stdout).match(/runs +yes/);
  });
});
