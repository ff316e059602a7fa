/** A browser for tests: Debian's chromium, or what `CHROMIUM` names. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
];

/** Where a browser is; undefined where there is none. */
export const chromiumPath = [process.env.CHROMIUM, ...PATHS].find((path) => path && existsSync(path));

/** Why tests of pages are left out. */
export const NO_CHROMIUM = 'no chromium (Debian: apt-get install chromium; CHROMIUM=/path names another one)';

/**
 * Starts it without a window.
 * @returns a browser; close it
 */
export function startChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error(NO_CHROMIUM);
  // Containers run as root and have little shared memory.
  const args = [
    '--disable-dev-shm-usage',
    '--disable-gpu',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
  return chromium.launch({ executablePath: chromiumPath, args, headless: true });
}
