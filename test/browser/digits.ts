/** The example browser-digits, used as a visitor would use it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { root } from '../helpers/run-script.js';

export const exampleFolder = join(root, 'examples/browser-digits');

/**
 * Starts the example's server.
 * @param folder of the built page
 * @returns where the page is; end it
 */
export async function startExample(
  folder: string,
): Promise<{ readonly address: string; end(): Promise<number | null> }> {
  const child: ChildProcess = spawn(process.execPath, ['server.mjs', folder], {
    cwd: exampleFolder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PORT: '0' },
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  let printed = '';
  const address = await new Promise<string>((done, fail) => {
    void ended.then((code) => fail(new Error(`the server has ended with ${code}: ${printed}`)));
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const [, found] = /^page +(http\S+)$/m.exec(printed) ?? [];
      if (found) done(found);
    });
  });
  expect(printed).match(/^owner +process \d+ +ws:\/\/\S+\ndealer +process \d+ +wss:\/\/\S+\n/);
  return {
    address,
    end: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/**
 * Picks digits and draws one; expects the answers and that the owner saw masked words only.
 * @param browser to open a tab in
 * @param address of the page
 * @param screenshot path of a picture of the page, if one is wanted
 */
export async function useExample(browser: Browser, address: string, screenshot?: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 980, height: 860 } });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  const began = performance.now();
  await page.goto(address);
  const answered = (count: number): Promise<void> =>
    page.locator(`body[data-answers="${count}"]`).waitFor({ timeout: 120_000 });
  const pick = (digit: number): Promise<void> => page.locator('#samples button').nth(digit).click();
  await pick(7);
  await answered(1);
  const first = performance.now() - began;
  await expectAnswer(page, 7);
  const words: string[] = [];
  for (const count of [2, 3]) {
    await pick(3);
    await answered(count);
    await expectAnswer(page, 3);
    words.push(...(await wordsOf(page)));
  }
  // The same digit twice, and nothing that came twice.
  expect(words).have.length(16);
  expect(new Set(words).size).equal(16);
  const later = await page.locator('#time').innerText();
  if (screenshot) await page.screenshot({ path: screenshot });

  await page.locator('#clear').click();
  const { x, y, width, height } = (await page.locator('#pad').boundingBox()) ?? {
    x: 0,
    y: 0,
    width: 0,
    height: 0,
  };
  await page.mouse.move(x + width * 0.52, y + height * 0.2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.5, y + height * 0.8, { steps: 8 });
  await page.mouse.up();
  await answered(4);
  await expectAnswer(page, 1);
  expect(await page.locator('#rounds').innerText()).equal('16');
  expect(complaints).deep.equal([]);
  process.stdout.write(
    `    first answer ${first.toFixed(0)} ms after the page was asked for, a later one ${later}\n`,
  );
  await page.close();
}

async function expectAnswer(page: Page, digit: number): Promise<void> {
  expect((await page.locator('#bars .best').innerText()).trim()).match(new RegExp(`^${digit}\\s`));
}

async function wordsOf(page: Page): Promise<string[]> {
  const words = (await page.locator('#words').innerText()).split(/\s+/);
  for (const word of words) expect(word).match(/^[0-9a-f]{16}$/);
  return words;
}
