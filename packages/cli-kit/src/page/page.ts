/**
 * A report as one page that loads nothing: tables that need no script, and curves by uPlot, which is put into the page.
 * Everything is escaped, and the page's policy lets no script run but the two of the page.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { CHARTS, type Chart } from './charts.js';
import { attribute, json, text } from './escape.js';
import { STYLE } from './style.js';

const require = createRequire(import.meta.url);
/** Read when a page is made: a few kilobytes that no other command needs. */
const ofUPlot = (file: string): string => readFileSync(require.resolve(`uplot/dist/${file}`), 'utf8');

/** What is on a page; texts as they are, escaped by `page`. */
export interface PageContent {
  readonly title: string;
  readonly heading: string;
  /** What it is about, in a paragraph. */
  readonly lead: string;
  /** Names and values at a glance. */
  readonly facts: readonly (readonly [string, string])[];
  readonly charts: readonly Chart[];
  /** What comes after the charts: HTML, such as of `table`. */
  readonly parts: readonly string[];
  readonly footer: string;
}

/**
 * A page, complete.
 * @param content what is on it
 * @returns HTML
 */
export function page({ title, heading, lead, facts, charts, parts, footer }: PageContent): string {
  const library = ofUPlot('uPlot.iife.min.js');
  const scripts = [library, CHARTS];
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src ${hashes.join(' ')}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text(title)}</title>
<link rel="icon" href="data:,">
<style>${ofUPlot('uPlot.min.css')}
${STYLE}</style>
</head>
<body>
<main>
<h1>${text(heading)}</h1>
<p class="lead">${text(lead)}</p>
<dl class="facts">${facts.map(([what, value]) => `<div><dt>${text(what)}</dt><dd>${text(value)}</dd></div>`).join('')}</dl>
${charts.map(({ id, title: name, note }) => `<section class="chart" id="${attribute(id)}" hidden><h2>${text(name)}</h2>${explained(note)}<div class="plot"></div></section>`).join('\n')}
${parts.join('\n')}
<footer>${text(footer)}</footer>
</main>
<script type="application/json" id="charts">${json(charts)}</script>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
}

const explained = (note = ''): string => (note === '' ? '' : `<p>${text(note)}</p>`);

/**
 * A table; columns of numbers are set to the right.
 * @param title above it
 * @param note a sentence below the title, or nothing
 * @param head title of each column
 * @param rows cells of each row
 * @param names how many columns, from the first, are no numbers
 * @returns HTML
 */
export function table(
  title: string,
  note: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  names = 1,
): string {
  const cell = (kind: 'td' | 'th', value: string, column: number): string => {
    const scope = kind === 'th' ? ' scope="col"' : '';
    return `<${kind}${scope}${column < names ? '' : ' class="n"'}>${text(value)}</${kind}>`;
  };
  const line = (kind: 'td' | 'th', cells: readonly string[]) =>
    `<tr>${cells.map((value, column) => cell(kind, value, column)).join('')}</tr>`;
  return `<section><h2>${text(title)}</h2>${explained(note)}<div class="wide"><table><thead>${line('th', head)}</thead><tbody>${rows.map((cells) => line('td', cells)).join('')}</tbody></table></div></section>`;
}
