/**
 * The example browser-digits as its README says: npm install, a page built by Vite, and Chromium.
 * TACIT_SCREENSHOT=docs/browser-digits.png takes the picture that the README shows.
 */
import { join } from 'node:path';
import { expect } from 'chai';
import { chromiumPath, startChromium } from './browser/chromium.js';
import { exampleFolder, startExample, useExample } from './browser/digits.js';
import { run } from './helpers/run-script.js';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

(chromiumPath === undefined ? describe.skip : describe)('the example browser-digits, by Vite', function () {
  this.timeout(600_000);

  it('is installed, built, and reads digits', async () => {
    const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline'];
    const installed = await run(npm, ['install', ...flags], { cwd: exampleFolder });
    expect(installed.code, installed.stderr).equal(0);
    const built = await run(npm, ['run', 'build'], { cwd: exampleFolder });
    expect(built.code, built.stderr).equal(0);
    expect(built.stderr).not.match(/warn/i);
    const server = await startExample(join(exampleFolder, 'dist'));
    const browser = await startChromium();
    try {
      await useExample(browser, server.address, process.env.TACIT_SCREENSHOT);
    } finally {
      await browser.close();
      expect(await server.end()).equal(0);
    }
  });
});
