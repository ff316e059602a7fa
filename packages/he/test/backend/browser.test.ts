import { fileURLToPath } from 'node:url';
import { createContext, Script } from 'node:vm';
import { expect } from 'chai';
import { build } from 'esbuild';

/** A program for pages: encrypts, packs, seals, opens, unpacks, decrypts. */
const PROGRAM = `
  import { loadHeLibrary } from './src/backend/node-seal.ts';
  import { findPrimes } from './src/backend/primes.ts';
  import { openEnvelope, packSeal, sealEnvelope, unpackSeal } from './src/envelope/index.ts';
  globalThis.answer = (async () => {
    const library = await loadHeLibrary();
    const [prime, specialPrime] = findPrimes(2048, 25, 2);
    const context = library.createContext({ scheme: 'ckks', ringDegree: 2048, primes: [prime], specialPrime });
    const secret = context.generateSecretKey();
    const bytes = context.encryptSeeded(secret, context.encode(Float64Array.of(1, 2, 3), 2 ** 20));
    const sealed = await sealEnvelope({ kind: 'ciphertext', parametersId: '', payloads: [packSeal(bytes, 'ciphertext', context)] });
    const { payloads } = await openEnvelope(sealed, { kind: 'ciphertext' });
    const ciphertext = context.loadCiphertext(unpackSeal(payloads[0], 'ciphertext', context));
    return Array.from(context.decode(context.decrypt(secret, ciphertext)).subarray(0, 3), Math.round);
  })();
`;

describe('the library in browsers', () => {
  let script: Script;

  before(async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: PROGRAM,
        resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
        loader: 'ts',
      },
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'iife',
      define: { 'import.meta.url': '"https://page.test/script.js"' },
      logLevel: 'silent',
    });
    script = new Script(outputFiles[0].text);
  });

  // What a page and a worker have, and nothing of Node.js: no process, Buffer, require.
  const common = () => ({ WebAssembly, crypto: globalThis.crypto, TextDecoder, TextEncoder, URL, console });
  const location = { href: 'https://page.test/script.js' };

  for (const [place, globals] of [
    ['a page', { location, window: {}, document: { baseURI: location.href, currentScript: null } }],
    ['a worker', { location, WorkerGlobalScope: class {} }],
  ] as const)
    it(`works in ${place}`, async () => {
      const realm = createContext({ ...common(), ...globals });
      script.runInContext(realm);
      expect(Array.from(await realm.answer)).to.deep.equal([1, 2, 3]);
    });
});
