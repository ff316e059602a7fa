/** The example browser-digits in Chromium, bundled by esbuild; browser-digits.long.ts does it as its README says, by Vite. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { chromiumPath, startChromium } from './browser/chromium.js';
import { exampleFolder, startExample, useExample } from './browser/digits.js';
import { bundlePage, workerFile } from './browser/site.js';

(chromiumPath === undefined ? describe.skip : describe)('the example browser-digits', function () {
  this.timeout(300_000);
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'browser-digits-'));
    mkdirSync(join(folder, 'worker'));
    cpSync(join(exampleFolder, 'public'), folder, { recursive: true });
    cpSync(join(exampleFolder, 'src/style.css'), join(folder, 'style.css'));
    // The client looks for its worker at ../../worker, from its own place.
    cpSync(workerFile, join(folder, 'worker/client-worker.js'));
    writeFileSync(join(folder, 'main.js'), await bundlePage(join(exampleFolder, 'src/main.ts')));
    const html = readFileSync(join(exampleFolder, 'index.html'), 'utf8');
    writeFileSync(
      join(folder, 'index.html'),
      html.replace('/src/main.ts', '/main.js').replace('/src/style.css', '/style.css'),
    );
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('reads digits that its owner does not see, and ends in order', async () => {
    const server = await startExample(folder);
    const browser = await startChromium();
    try {
      await useExample(browser, server.address);
    } finally {
      await browser.close();
      expect(await server.end()).equal(0);
    }
  });
});
