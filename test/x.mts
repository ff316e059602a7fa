import { spawn } from 'node:child_process';
import { startChromium } from './browser/chromium.js';

const child = spawn(process.execPath, ['server.mjs'], {
  cwd: 'examples/browser-digits',
  stdio: ['ignore', 'pipe', 'inherit'],
});
let out = '';
child.stdout.on('data', (d) => {
  out += d;
  process.stdout.write(d);
});
while (!/page .*\n/.test(out)) await new Promise((r) => setTimeout(r, 100));
const browser = await startChromium();
for (const scheme of ['light', 'dark'] as const) {
  const page = await browser.newPage({
    colorScheme: scheme,
    viewport: scheme === 'dark' ? { width: 390, height: 844 } : { width: 980, height: 800 },
    deviceScaleFactor: 1,
  });
  page.on('console', (m) => console.log('console:', m.text()));
  page.on('pageerror', (e) => console.log('pageerror:', e));
  const t = performance.now();
  await page.goto('http://127.0.0.1:8480/');
  await page.locator('#samples button').nth(7).click({ timeout: 60000 });
  await page.locator('body[data-answers="1"]').waitFor({ timeout: 60000 });
  console.log(
    'first',
    performance.now() - t,
    await page.locator('#state').innerText(),
    await page.locator('#time').innerText(),
    await page.locator('#summary').innerText(),
  );
  await page.locator('#samples button').nth(3).click();
  await page.locator('body[data-answers="2"]').waitFor({ timeout: 60000 });
  console.log(
    await page.locator('#time').innerText(),
    await page.locator('#summary').innerText(),
    await page.locator('#words').innerText(),
  );
  console.log(await page.locator('#bars .best').innerText());
  // draw a 1
  const box = (await page.locator('#pad').boundingBox())!;
  await page.locator('#clear').click();
  await page.mouse.move(box.x + box.width * 0.52, box.y + box.height * 0.2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.8, { steps: 8 });
  await page.mouse.up();
  await page.locator('body[data-answers="3"]').waitFor({ timeout: 60000 });
  console.log(
    'drawn',
    (await page.locator('#bars .best').innerText()).replaceAll('\n', ' '),
    await page.locator('#time').innerText(),
  );
  await page.screenshot({ path: `/tmp/shot-${scheme}.png`, fullPage: true });
  await page.close();
}
await browser.close();
child.kill('SIGTERM');
await new Promise((r) => child.once('exit', r));
console.log('exit');
