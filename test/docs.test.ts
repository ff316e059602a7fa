/** Holds the documents to what they say: programs run and print what they promise, figures are measured, links exist. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BT3, BT4 } from '@tacit/mpc';
import { fixtureArray } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import { npyNumbers, parseNpy, predict } from 'tacit';
import { measureCosts } from './helpers/costs.js';
import { expectPromises, modulesIn, programsIn } from './helpers/promises.js';
import { root, run } from './helpers/run-script.js';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const modules = ['tutorials', 'examples'].flatMap(modulesIn);
const scripts = ['tutorials', 'examples'].flatMap(programsIn);

/** Programs in fenced blocks of a document. */
const programs = (document: string): string[] =>
  [...read(document).matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => match[1]);

describe('documents', function () {
  this.timeout(60_000);
  const scratch = join(root, 'build/docs');
  before(() => mkdirSync(scratch, { recursive: true }));
  after(() => rmSync(scratch, { recursive: true, force: true }));

  it('only modules in folders of their own are no programs', () => {
    const parts = modules.filter((name) => !scripts.includes(name));
    expect(parts.filter((name) => name.split('/').length < 3)).empty;
  });

  programs('README.md').forEach((source, i) => {
    it(`program ${i + 1} of README.md prints what it says`, async () => {
      const file = join(scratch, `readme-${i + 1}.ts`);
      // A program may name files of this repository from its root.
      writeFileSync(file, source);
      await expectPromises(file);
    });
  });

  it('programs of tutorials, examples and README.md have the right types', async () => {
    const files = programs('README.md').map((source, i) => {
      const file = join(scratch, `typed-${i + 1}.ts`);
      writeFileSync(file, source);
      return file;
    });
    const options =
      '--ignoreConfig --noEmit --strict --skipLibCheck --module nodenext --target es2022 --lib ES2023,DOM,ESNext.Disposable --types node';
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const args = [tsc, ...options.split(' '), ...modules, ...files];
    const { code, stdout } = await run(process.execPath, args);
    expect(code, stdout).equal(0);
  });

  it('the hook of docs/browser.md has the right types', async () => {
    const [, source = ''] = /^```tsx\n([\s\S]*?)^```$/m.exec(read('docs/browser.md')) ?? [];
    const file = join(scratch, 'hook.tsx');
    writeFileSync(file, source);
    // React is no dependency: what the hook uses of it, as @types/react 19 declares it.
    const declared = join(scratch, 'react.d.ts');
    writeFileSync(
      declared,
      `declare module 'react' {
        export function useEffect(effect: () => void | (() => void), deps?: readonly unknown[]): void;
        export function useState<S>(initial: S | (() => S)): [S, (value: S | ((before: S) => S)) => void];
      }\n`,
    );
    const options =
      '--ignoreConfig --noEmit --strict --skipLibCheck --module esnext --moduleResolution bundler --target es2022 --lib ES2023,DOM,ESNext.Disposable --types node';
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { code, stdout } = await run(process.execPath, [tsc, ...options.split(' '), file, declared]);
    expect(source.split('\n').length - 1).most(20);
    expect(code, stdout).equal(0);
  });

  it('docs/operators.md is what the registry says', async () => {
    const { code, stderr } = await run(process.execPath, ['docs/generate-operators.mjs', '--check']);
    expect(code, stderr).equal(0);
  });

  it('docs/errors.md is what the table of codes says', async () => {
    const { code, stderr } = await run(process.execPath, ['docs/generate-errors.mjs', '--check']);
    expect(code, stderr).equal(0);
  });

  it('docs/protocols.md and README.md state the measured costs', async () => {
    const measured = await Promise.all([measureCosts(BT4), measureCosts(BT3)]);
    const inWords = (index: number, name: string) =>
      `${measured[index].get(name)?.rounds} rounds, ${measured[index].get(name)?.bytes} bytes`;
    for (const name of ['ReLU', 'comparison (<, <=, >, >=)', 'equality'])
      expect(read('README.md'), name).include(`${inWords(0, name)}; or ${inWords(1, name)}`);
    expect(read('README.md')).include(`| ${inWords(0, 'tanh')}, `);
    const rows = new Map<string, number[]>();
    for (const [, name, figures] of read('docs/protocols.md').matchAll(
      /^\| ([^|]+?) +\|((?: +[\d.]+ \|){6})$/gm,
    ))
      rows.set(
        name,
        figures
          .split('|')
          .slice(0, 6)
          .map((cell) => Number(cell)),
      );
    for (const name of measured[0].keys()) {
      const costs = measured.flatMap((byName) => {
        const { rounds, bytes, dealer } = byName.get(name) ?? { rounds: -1, bytes: -1, dealer: -1 };
        return [rounds, bytes, dealer];
      });
      expect(rows.get(name), name).deep.equal(costs);
    }
    expect([...rows.keys()]).have.members([...measured[0].keys()]);
  });

  it('README.md states rounds and error of mnist_cnn_bn as they are', async () => {
    const fixture = (name: string) => join(root, 'fixtures/mnist_cnn_bn', name);
    const expected = fixtureArray('mnist_cnn_bn/output.npy').data;
    const out = join(scratch, 'output.npy');
    const rounds: number[] = [];
    for (const tree of [BT4, BT3]) {
      const launch = { worldSize: 2, config: { tree } };
      const report = await predict(fixture('model.onnx'), fixture('input.npy'), out, { launch });
      rounds.push(report.rounds);
      const error = npyNumbers(parseNpy(readFileSync(out))).map((v, i) => Math.abs(v - expected[i]));
      expect(Math.max(...error)).below(0.001);
    }
    expect(read('README.md')).include(`| ${rounds.join('; or ')} (\`mnist_cnn_bn\`)`);
  });

  it('links between documents lead somewhere', () => {
    const documents = ['README.md', 'ARCHITECTURE.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md']
      .concat(['docs/protocols.md', 'docs/operators.md', 'examples/README.md', 'fixtures/README.md'])
      .concat(['private-digits', 'private-ocr', 'wake-word'].map((name) => `examples/${name}/README.md`))
      .concat(readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`));
    const anchors = (path: string) =>
      [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        title
          .toLowerCase()
          .replace(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-'),
      );
    for (const document of documents) {
      const text = read(document).replace(/^```[\s\S]*?^```$/gm, '');
      for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [path, anchor] = target.split('#');
        const file = path === '' ? document : join(dirname(document), path);
        expect(existsSync(join(root, file)), `${document} links to ${target}`).equal(true);
        if (anchor) expect(anchors(file), `${document} links to ${target}`).include(anchor);
      }
    }
  });
});
