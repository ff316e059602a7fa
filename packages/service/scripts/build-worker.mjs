// node packages/service/scripts/build-worker.mjs: the worker of web pages as one file, worker/client-worker.js. A client that
// asks never deals, differentiates, bounds or writes a model, so what definitions say about these is left out: it would be
// a third of what a page loads. What is left out is named below; a client that came to it would fail, and the tests of the
// worker compare its answers with those of the packages as they are.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync, gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { minify } from 'terser';
import ts from 'typescript-api';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, 'worker', 'client-worker.js');

/** Members of objects and classes that a client never comes to, by the files that they are in. */
const UNUSED = [
  [
    /packages\/graph\/src\/operations\//,
    ['examples', 'gradient', 'gradientOutputs', 'derivative', 'bounds', 'onnx', 'summary', 'accuracy'],
  ],
  [/packages\/nn\/src\/modules\//, ['toOnnx']],
  [
    /packages\/tensor\/src\/cryptensor\.ts$/,
    [
      'to',
      'dropout',
      'weightedIndex',
      'weightedSample',
      'shuffle',
      'argsort',
      'topk',
      'item',
      'debugShares',
      'backward',
      'at',
    ],
  ],
  [/packages\/tensor\/src\/party\.ts$/, ['rand', 'randn', 'bernoulli', 'permutation']],
  [/packages\/mpc\/src\/protocols\//, ['examples', 'dealer', 'parameters']],
  [
    /packages\/nn\/src\/(module|graph|parameter)\.ts$/,
    [
      'toOnnx',
      'summary',
      'withOutputs',
      'decrypt',
      'forget',
      'loadState',
      'stateDict',
      'updateParameters',
      'zeroGrad',
      'initialize',
      'lend',
    ],
  ],
];

/** Operations on sizes and indices: the only ones that a client may have to compute in the clear, when it builds a network. */
const OF_SHAPES =
  /\/(add|sub|mul|div|neg|abs|sign|pow|sqrt|mod|floor|ceil|round|clip|maximum|minimum|equal|not|and|or|less|greater|where|cast|identity|concat|stack|split|slice|take|gather|gather-elements|scatter|reshape|flatten|squeeze|unsqueeze|transpose|expand|tile|repeat|flip|pad|sum|mean|prod|max|min|cumsum|range|shape|size|fill|constant|public|constant-of-shape|floor-div|reduce)[^/]*\.ts$/;

const without = {
  name: 'without',
  setup(build) {
    // Compressed once more: the text of base64 compresses badly.
    build.onLoad({ filter: /\/packages\/ring\/src\/generated\/kernels\.ts$/ }, async ({ path }) => {
      const [, base64] = /'([A-Za-z0-9+/=]{1000,})'/.exec(readFileSync(path, 'utf8'));
      const deflated = deflateRawSync(Buffer.from(base64, 'base64'), { level: 9 }).toString('base64');
      return { contents: `export const kernelsBase64 = ${JSON.stringify(deflated)};`, loader: 'js' };
    });
    build.onLoad({ filter: /\/packages\/ring\/src\/kernels\.ts$/ }, ({ path }) => {
      const plain = 'WebAssembly.compile(decodeBase64(kernelsBase64))';
      const inflated =
        "new Response(new Blob([decodeBase64(kernelsBase64)]).stream().pipeThrough(new DecompressionStream('deflate-raw'))).arrayBuffer().then((bytes) => WebAssembly.compile(bytes))";
      const text = readFileSync(path, 'utf8');
      if (!text.includes(plain))
        throw new Error(`${path} compiles the kernels in another way than this script knows`);
      return { contents: text.replace(plain, inflated), loader: 'ts' };
    });
    build.onLoad({ filter: /\/packages\/(graph|mpc|nn|tensor)\/src\/.*\.ts$/ }, ({ path }) => {
      const names = UNUSED.find(([files]) => files.test(path))?.[1];
      if (names === undefined) return undefined;
      const isOperation = path.includes('/graph/src/operations/');
      const more =
        isOperation && !OF_SHAPES.test(path) && !path.includes('/shared/') ? ['evaluate', 'plain'] : [];
      let text = cut(readFileSync(path, 'utf8'), path, [...names, ...more]);
      // Programs call operations by the methods of tensors, networks by their names.
      if (isOperation)
        text = text.replace(/^export const methods = \{$[\s\S]*?^\};$/m, 'export const methods = {};');
      return { contents: text, loader: 'ts' };
    });
  },
};

/** The text without members of these names. */
function cut(text, path, names) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const ranges = [];
  const visit = (node) => {
    const isMember =
      (ts.isPropertyAssignment(node) ||
        ts.isMethodDeclaration(node) ||
        ts.isShorthandPropertyAssignment(node)) &&
      (ts.isObjectLiteralExpression(node.parent) || ts.isClassDeclaration(node.parent));
    if (isMember && ts.isIdentifier(node.name) && names.includes(node.name.text) && isDefinition(node)) {
      const list = ts.isObjectLiteralExpression(node.parent) ? node.parent.properties : undefined;
      ranges.push([node.getFullStart(), list ? afterComma(text, node.end) : node.end]);
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return ranges.reduceRight((left, [from, to]) => left.slice(0, from) + left.slice(to), text);
}

/** Of a definition itself, and not of something within one of its functions. */
function isDefinition(node) {
  for (let outer = node.parent; outer; outer = outer.parent) {
    if (ts.isFunctionLike(outer)) return false;
    if (ts.isSourceFile(outer)) return true;
  }
  return true;
}

function afterComma(text, end) {
  const rest = /^\s*,/.exec(text.slice(end));
  return end + (rest?.[0].length ?? 0);
}

const { outputFiles, metafile } = await esbuild.build({
  entryPoints: [join(root, 'src/client/browser-worker.ts')],
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  conditions: ['@tacit/source', 'browser'],
  // Tensors of that library are made in the page; here it would be 20 kB for nothing.
  alias: {
    'onnxruntime-common': join(root, 'scripts/no-tensors.mjs'),
    '@noble/curves/ed25519.js': join(root, 'scripts/x25519.mjs'),
  },
  plugins: [without],
  legalComments: 'none',
  write: false,
  metafile: true,
  outdir: join(root, 'worker'),
  logLevel: 'warning',
});
const [{ text: bundled }] = outputFiles;
const { code: contents } = await minify(bundled, {
  module: true,
  compress: { passes: 3, ecma: 2020 },
  mangle: true,
  format: { comments: false },
});
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, contents);
console.log(
  `client worker: ${Math.round(contents.length / 1000)} kB, ${(gzipSync(contents, { level: 9 }).length / 1000).toFixed(1)} kB gzipped`,
);
if (process.argv.includes('--analyze')) {
  const by = {};
  for (const [path, { bytesInOutput }] of Object.entries(Object.values(metafile.outputs)[0].inputs)) {
    const name = path.replace(/^.*node_modules\//, 'npm ');
    const key = process.argv.includes('--files') ? name : name.split('/').slice(0, 4).join('/');
    by[key] = (by[key] ?? 0) + bytesInOutput;
  }
  console.table(
    Object.entries(by)
      .sort((a, b) => b[1] - a[1])
      .slice(0, process.argv.includes('--files') ? 130 : 40),
  );
}
