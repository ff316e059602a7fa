/** Tabs of a browser with the page of the tests, driven from outside. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Api, Said } from './page.js';
import type { Site } from './site.js';

type Methods = { [K in keyof Api as Api[K] extends (...args: never[]) => unknown ? K : never]: Api[K] };
type Result<K extends keyof Methods> = Awaited<ReturnType<Methods[K]>>;

export class Tab {
  readonly page: Page;
  /** What the page wrote to its console, and errors that nobody caught. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('console', (message) => this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(String(error)));
  }

  /** Calls a method of the page. */
  call<K extends keyof Methods>(method: K, ...args: Parameters<Methods[K]>): Promise<Result<K>> {
    const call = ([name, given]: [string, unknown[]]): unknown =>
      (globalThis as unknown as { tacit: Record<string, (...all: unknown[]) => unknown> }).tacit[name](
        ...given,
      );
    return this.page.evaluate(call, [method, args] as [string, unknown[]]) as Promise<Result<K>>;
  }

  /** What the policy of the page has refused. */
  violations(): Promise<string[]> {
    return this.page.evaluate(() => (globalThis as unknown as { tacit: Api }).tacit.violations);
  }
}

/** Opens the page in a tab. */
export async function openTab(browser: Browser | BrowserContext, { origin }: Site, path = '/'): Promise<Tab> {
  const tab = new Tab(await browser.newPage());
  await tab.page.goto(origin + path);
  return tab;
}

/** What a call came to, or its error as one. */
export function resultOf<T>(said: Said<T>): T {
  if ('error' in said) throw new Error(`[${said.error.code}] ${said.error.message}`);
  return said.value;
}

/** The error of a call that must fail. */
export function errorOf<T>(said: Said<T>): Extract<Said<T>, { error: unknown }>['error'] {
  if ('value' in said) throw new Error('it went well');
  return (said as Extract<Said<T>, { error: unknown }>).error;
}
