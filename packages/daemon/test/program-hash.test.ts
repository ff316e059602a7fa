import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { hashProgram } from '../src/consent/program-hash.js';
import { ProgramHashError } from '../src/errors.js';
import { freshFolder, rejection } from './helpers/folder.js';

const sha = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex');

describe('the hash of a program', () => {
  const folder = freshFolder();
  const put = (name: string, text: string): string => {
    mkdirSync(dirname(folder.path(name)), { recursive: true });
    return folder.write(name, text);
  };
  const hashOf = async (name: string) => (await hashProgram(folder.path(name))).hash;

  it('is that of the file, as sha256sum prints it, if it imports no files', async () => {
    const text = `import { readFile } from 'node:fs/promises';\nimport { party } from 'tacit';\nexport default async () => 1;\n`;
    const result = await hashProgram(put('score.mjs', text));
    expect(result.hash).to.equal(sha(text));
    expect(result.files).to.deep.equal([{ path: '.', hash: sha(text) }]);
    expect(result.packages).to.deep.equal(['node:fs/promises', 'tacit']);
    // Whatever the owner calls it.
    put('other.mjs', text);
    expect(await hashOf('other.mjs')).to.equal(result.hash);
  });

  it('is that of a list that anybody can make, if it imports files', async () => {
    const main = `import a from './lib/a.mjs';\nexport * from "../up.mjs";\nexport default a;\n`;
    const a = `export default 1; const b = await import('./b.json', { with: { type: 'json' } });`;
    put('p/main.mjs', main);
    put('p/lib/a.mjs', a);
    put('p/lib/b.json', '{}');
    put('up.mjs', 'export {}');
    const { hash, files } = await hashProgram(folder.path('p/main.mjs'));
    const list = [
      `${sha(main)}  .`,
      `${sha('export {}')}  ../up.mjs`,
      `${sha(a)}  lib/a.mjs`,
      `${sha('{}')}  lib/b.json`,
    ];
    expect(hash).to.equal(sha(`@@ tacit program 1\n${list.join('\n')}\n`));
    expect(files.map(({ path }) => path)).to.deep.equal(['.', '../up.mjs', 'lib/a.mjs', 'lib/b.json']);
  });

  it('is another for any change of any file that is imported, or of its place', async () => {
    put('main.mjs', `import './a.mjs'; export default () => 1;`);
    put('a.mjs', `import './b.mjs';`);
    put('b.mjs', `globalThis.x = 1;`);
    const before = await hashOf('main.mjs');
    expect(await hashOf('main.mjs')).to.equal(before);
    put('b.mjs', `globalThis.x = 2;`);
    const changed = await hashOf('main.mjs');
    put('b.mjs', `globalThis.x = 1;`);
    put('main.mjs', `import './a.mjs'; export default () => 1;\n`);
    const longer = await hashOf('main.mjs');
    expect(new Set([before, changed, longer]).size).to.equal(3);
    // The same bytes under other names are another program: names are a part of what runs.
    put('c/main.mjs', `import './a.mjs'; export default () => 1;`);
    put('c/a.mjs', `import './b.mjs';`);
    put('c/b.mjs', `globalThis.x = 1;`);
    expect(await hashOf('c/main.mjs')).to.equal(before);
  });

  it('circles of imports, imports twice, and imports of itself end', async () => {
    put('a.mjs', `import './b.mjs'; import './b.mjs?x=1'; import './a.mjs'; export default 1;`);
    put('b.mjs', `import './a.mjs';`);
    const { files } = await hashProgram(folder.path('a.mjs'));
    expect(files.map(({ path }) => path)).to.deep.equal(['.', 'b.mjs']);
  });

  it('follows links to the files themselves, as Node.js does', async () => {
    if (process.platform === 'win32') return;
    put('real/main.mjs', `import './a.mjs'; export default 1;`);
    put('real/a.mjs', 'export {}');
    symlinkSync(folder.path('real/main.mjs'), folder.path('link.mjs'));
    expect(await hashOf('link.mjs')).to.equal(await hashOf('real/main.mjs'));
  });

  it('refuses what it could not cover', async () => {
    const refused: [string, RegExp][] = [
      [`await import(name);`, /computes what it imports/],
      [`await import(\`./\${name}.mjs\`);`, /computes what it imports/],
      [`await import('./a' + '.mjs');`, /computes what it imports/],
      [`import '/etc/x.mjs';`, /by relative names/],
      [`import 'file:///etc/x.mjs';`, /by relative names/],
      [`import 'https://example.com/x.mjs';`, /by relative names/],
      [`import '#inner';`, /by relative names/],
      [`import '..';`, /by relative names/],
      [`import 'C:\\\\x.mjs';`, /by relative names/],
      [`import './missing.mjs';`, /does not exist/],
      [`import './native.node';`, /no JavaScript module/],
      [`import './types.ts';`, /no JavaScript module/],
      [`import './old.cjs';`, /no JavaScript module/],
      [`import './a%2fb.mjs';`, /is no path|does not exist/],
      [`import './folder';`, /EISDIR|no JavaScript module/],
      [`import {`, /not a correct module/],
    ];
    put('native.node', 'x');
    put('types.ts', 'export {}');
    put('old.cjs', 'require("./x")');
    mkdirSync(folder.path('folder'));
    for (const [text, message] of refused) {
      const error = await rejection(hashProgram(put('main.mjs', text)));
      expect(error, text).to.be.instanceOf(ProgramHashError).with.property('code', 'PROGRAM_HASH');
      expect(error.message, text).to.match(message);
    }
    expect((await rejection(hashProgram(put('main.js', `const x = require('./y');`)))).message).to.match(
      /require/,
    );
    expect((await rejection(hashProgram(folder.path('none.mjs')))).message).to.match(/does not exist/);
    expect((await rejection(hashProgram(put('data.json', '{}')))).message).to.match(/no JavaScript module/);
    writeFileSync(folder.path('main.mjs'), Uint8Array.of(0xff, 0xfe));
    expect((await rejection(hashProgram(folder.path('main.mjs')))).message).to.match(/not a correct module/);
  });

  it('does not take words in comments and texts for imports', async () => {
    const text = `// import './x.mjs'\n/* import('./y.mjs') */ const s = "import './z.mjs'"; const r = /import('.\\/w.mjs')/; export default s;\n`;
    expect((await hashProgram(put('main.mjs', text))).files).to.have.length(1);
  });

  it('no single file has the hash of several', async () => {
    put('main.mjs', `import './a.mjs'; export default 1;`);
    put('a.mjs', '');
    const { files, hash } = await hashProgram(folder.path('main.mjs'));
    const list = `@@ tacit program 1\n${files.map((f) => `${f.hash}  ${f.path}\n`).join('')}`;
    expect(sha(list)).to.equal(hash);
    // Such a file is no program: Node.js does not load it.
    rmSync(folder.path('a.mjs'));
    const fake = put('fake.mjs', list);
    expect(await rejection(import(fake))).to.be.instanceOf(SyntaxError);
    renameSync(fake, folder.path('done'));
  });

  it('any bytes are hashed or refused, and nothing hangs', async () => {
    const piece = fc.constantFrom(
      'import',
      ' ',
      '(',
      ')',
      '{',
      '}',
      '`',
      '${',
      "'",
      '"',
      './a.mjs',
      'from',
      'export',
      '*',
      '/',
      '//',
      '\n',
      '\\',
      'await',
      '=>',
      '<',
      '?',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(piece, { maxLength: 40 }).map((p) => p.join('')),
    );
    put('a.mjs', '');
    await fc.assert(
      fc.asyncProperty(text, async (body) => {
        try {
          expect((await hashProgram(put('main.mjs', body))).hash).to.match(/^[0-9a-f]{64}$/);
        } catch (error) {
          expect(error).to.be.instanceOf(ProgramHashError);
        }
      }),
      { numRuns: 500 },
    );
  }).timeout(60_000);
});
