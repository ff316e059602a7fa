/**
 * A chart as SVG within a page: scales and paths by d3-scale and d3-shape, elements as text. Nothing of it needs a script;
 * colours are variables of the page's style, so it follows light and dark.
 */
import { scaleLinear } from 'd3-scale';
import { curveLinear, curveStep, line } from 'd3-shape';
import type { Chart } from './chart.js';
import { attribute, text } from './escape.js';

const [WIDTH, HEIGHT] = [720, 260];
const [LEFT, RIGHT, TOP, BOTTOM] = [80, 14, 12, 44];
const LEGEND_LINE = 20;
/** Colours of STYLE; further series have them again, dashed. */
const COLOURS = 6;
/** More points have no marks of their own. */
const MOST_MARKS = 40;
const LONGEST_LABEL = 80;

type Point = readonly [x: number, y: number | null];

const shortened = (label: string): string =>
  label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL - 1)}…` : label;

const shown = (value: number, unit = ''): string =>
  `${Number(value.toPrecision(5)).toLocaleString('en', { maximumSignificantDigits: 5 })}${unit === '' ? '' : ` ${unit}`}`;

/** A place on the picture, to a tenth of its unit. */
const at = (value: number): string => String(Math.round(value * 10) / 10);

/** Lowest and highest of some numbers; undefined where there are none. */
function extent(values: Iterable<number | null>): [low: number, high: number] | undefined {
  let found: [number, number] | undefined;
  for (const value of values)
    if (value !== null && Number.isFinite(value))
      found = found ? [Math.min(found[0], value), Math.max(found[1], value)] : [value, value];
  return found;
}

/** A range of some width around numbers. */
const widened = ([low, high]: readonly [number, number]): [number, number] =>
  low < high ? [low, high] : [low - 1, high + 1];

function rangeOf(chart: Chart): [number, number] {
  const [low, high] = extent(chart.series.flatMap(({ values }) => values)) ?? [0, 1];
  if (!chart.fromZero) return widened([low, high]);
  return [Math.min(0, low), high > 0 ? high * 1.05 : 1];
}

/** What it shows, for who does not see it. */
function description({ series, x, xLabel, unit }: Chart): string {
  const [first, last] = extent(x) ?? [];
  if (first === undefined || last === undefined) return 'Nothing was measured.';
  const told = series.map(({ label, values }) => {
    const range = extent(values);
    const end = values.findLast((value) => value !== null);
    return range === undefined || end === undefined || end === null
      ? `${label}: no values.`
      : `${label}: from ${shown(range[0], unit)} to ${shown(range[1], unit)}, ${shown(end, unit)} at the end.`;
  });
  return `Against ${xLabel} from ${shown(first)} to ${shown(last)}. ${told.join(' ')}`;
}

/**
 * A chart as an SVG element, with a title and a description for who does not see it.
 * @param chart what it shows; texts as they are, escaped here
 * @returns SVG to stand in HTML
 * @example
 * svgChart({ id: 'loss', title: 'Loss', unit: '', x: [1, 2], xLabel: 'epoch', series: [{ label: 'loss', values: [2, 1] }] });
 */
export function svgChart(chart: Chart): string {
  const { id, title, x: xs, xLabel, xFractions, unit, steps, series } = chart;
  const height = HEIGHT + LEGEND_LINE * series.length;
  const x = scaleLinear(widened(extent(xs) ?? [0, 1]), [LEFT, WIDTH - RIGHT]);
  const y = scaleLinear(rangeOf(chart), [HEIGHT - BOTTOM, TOP]);
  const parts: string[] = [];
  const xTicks = x.ticks(8).filter((tick) => xFractions || Number.isInteger(tick));
  for (const tick of y.ticks(5))
    parts.push(
      `<path class="grid" d="M${LEFT} ${at(y(tick))}H${WIDTH - RIGHT}"/>`,
      `<text class="tick end" x="${LEFT - 8}" y="${at(y(tick) + 4)}">${text(y.tickFormat(5)(tick) + (unit === '' ? '' : ` ${unit}`))}</text>`,
    );
  for (const tick of xTicks)
    parts.push(
      `<path class="grid" d="M${at(x(tick))} ${TOP}V${HEIGHT - BOTTOM}"/>`,
      `<text class="tick middle" x="${at(x(tick))}" y="${HEIGHT - BOTTOM + 17}">${text(x.tickFormat(8)(tick))}</text>`,
    );
  parts.push(
    `<text class="tick middle" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - BOTTOM + 36}">${text(shortened(xLabel))}</text>`,
  );
  const pathOf = line<Point>()
    .defined(([, value]) => value !== null && Number.isFinite(value))
    .x(([where]) => x(where))
    .y(([, value]) => y(value ?? 0))
    .curve(steps ? curveStep : curveLinear)
    .digits(1);
  for (const [i, { label, values }] of series.entries()) {
    const style = `series c${i % COLOURS}${i < COLOURS ? '' : ' dashed'}`;
    const points = xs.map((where, k): Point => [where, values[k] ?? null]);
    parts.push(`<path class="${style}" d="${pathOf(points) ?? ''}"/>`);
    if (!steps && xs.length < MOST_MARKS)
      for (const [where, value] of points)
        if (value !== null && Number.isFinite(value))
          parts.push(
            `<circle class="mark c${i % COLOURS}" cx="${at(x(where))}" cy="${at(y(value))}" r="3"><title>${text(`${label}, ${xLabel} ${shown(where)}: ${shown(value, unit)}`)}</title></circle>`,
          );
    const legend = HEIGHT + LEGEND_LINE * i + 8;
    parts.push(
      `<path class="${style}" d="M${LEFT} ${legend - 4}h24"/><text class="tick" x="${LEFT + 32}" y="${legend}">${text(shortened(label))}</text>`,
    );
  }
  const [titleId, descriptionId] = [`${id}-title`, `${id}-desc`].map(attribute);
  return (
    `<svg class="plot" role="img" viewBox="0 0 ${WIDTH} ${height}" aria-labelledby="${titleId} ${descriptionId}">` +
    `<title id="${titleId}">${text(title)}</title><desc id="${descriptionId}">${text(description(chart))}</desc>` +
    `${parts.join('')}</svg>`
  );
}
