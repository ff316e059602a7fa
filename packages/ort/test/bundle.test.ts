/** In a bundle for browsers, by an alias for onnxruntime-web: nothing of Node.js, and no WebAssembly of ONNX Runtime. */
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { build } from 'esbuild';

describe('@tacit/ort/web in a bundle', function () {
  this.timeout(60_000);

  it('takes the place of onnxruntime-web/webgpu, and needs nothing of Node.js', async () => {
    const contents = `
      import * as ort from 'onnxruntime-web/webgpu';
      import standard from 'onnxruntime-web/webgpu';
      globalThis.made = [ort.InferenceSession, ort.Tensor, ort.env, standard.InferenceSession];
    `;
    const { outputFiles, metafile, warnings } = await build({
      stdin: { contents, resolveDir: new URL('..', import.meta.url).pathname },
      alias: { 'onnxruntime-web/webgpu': '@tacit/ort/web' },
      conditions: ['@tacit/source'],
      // Loaded when the first stub is opened.
      external: ['@tacit/service/client'],
      bundle: true,
      minify: true,
      write: false,
      metafile: true,
      platform: 'browser',
      format: 'esm',
      logLevel: 'silent',
    });
    expect(warnings).deep.equal([]);
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.filter((path) => /onnxruntime-(web|node)/.test(path))).deep.equal([]);
    const [{ contents: script, text }] = outputFiles;
    expect(text).not.match(/from\s*["']node:/);
    // 95 kB when this was written.
    expect(gzipSync(script).length).lessThan(150_000);
  });
});
