/**
 * A report as one page that loads nothing and runs nothing: tables, and charts as SVG. Everything is escaped, and the
 * page's policy lets no script run.
 */
import type { Chart } from './chart.js';
import { attribute, text } from './escape.js';
import { STYLE } from './style.js';
import { svgChart } from './svg-chart.js';

const POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

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
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${text(heading)}</h1>
<p class="lead">${text(lead)}</p>
<dl class="facts">${facts.map(([what, value]) => `<div><dt>${text(what)}</dt><dd>${text(value)}</dd></div>`).join('')}</dl>
${charts.map((chart) => `<section class="chart" id="${attribute(chart.id)}"><h2>${text(chart.title)}</h2>${explained(chart.note)}${svgChart(chart)}</section>`).join('\n')}
${parts.join('\n')}
<footer>${text(footer)}</footer>
</main>
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
