/** @packageDocumentation Pages of reports: one file, tables and curves, which loads nothing from anywhere. */
export type { Chart } from './page/chart.js';
export { text } from './page/escape.js';
export { type PageContent, page, table } from './page/page.js';
export { svgChart } from './page/svg-chart.js';
