/** A chart: x, and a line for each series. */
export interface Chart {
  /** Of its section on the page. */
  readonly id: string;
  readonly title: string;
  /** A sentence below the title. */
  readonly note?: string;
  readonly unit: string;
  readonly x: readonly number[];
  /** What x is. */
  readonly xLabel: string;
  /** Whether x has fractions, which its axis shows then. Default false. */
  readonly xFractions?: boolean;
  /** Whether lines are level around each x, as of a histogram, instead of straight between them. Default false. */
  readonly steps?: boolean;
  /** Whether the axis begins at 0. */
  readonly fromZero?: boolean;
  readonly series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
}

/** The page's own script: a chart for each entry of the data, redrawn with the width of the window and the colours. */
export const CHARTS = `(() => {
  'use strict';
  const charts = JSON.parse(document.getElementById('charts').textContent);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const colours = () => dark.matches
    ? ['#6db3f2', '#f2a65a', '#7ed321', '#e07be0', '#f25a6d', '#5af2d8']
    : ['#1f6fb2', '#b85c00', '#3d7a00', '#8a2f8a', '#b3202f', '#007a66'];
  let drawn = [];
  const draw = () => {
    for (const plot of drawn) plot.destroy();
    const style = getComputedStyle(document.body);
    const ink = style.color;
    const rule = style.getPropertyValue('--rule').trim();
    const axis = { stroke: ink, grid: { stroke: rule, width: 1 }, ticks: { stroke: rule, width: 1 } };
    drawn = charts.map((chart) => {
      const section = document.getElementById(chart.id);
      section.hidden = false;
      const place = section.querySelector('.plot');
      const one = chart.x.length === 1;
      const whole = (u, splits) => splits.map((v) => Number.isInteger(v) ? String(v) : '');
      const steps = chart.steps ? { paths: uPlot.paths.stepped({ align: 0 }) } : {};
      return new uPlot({
        width: Math.max(280, place.clientWidth),
        height: 240,
        scales: { x: { time: false, range: one ? [chart.x[0] - 1, chart.x[0] + 1] : undefined }, y: chart.fromZero ? { range: (u, low, high) => [0, high > 0 ? high * 1.05 : 1] } : {} },
        axes: [{ ...axis, ...(chart.xFractions ? {} : { values: whole }) }, { ...axis, size: 80, values: (u, splits) => splits.map((v) => v + (chart.unit ? ' ' + chart.unit : '')) }],
        series: [{ label: chart.xLabel }].concat(chart.series.map((series, i) => ({
          label: series.label,
          stroke: colours()[i % 6],
          dash: i < 6 ? undefined : [6, 3],
          width: 2,
          ...steps,
          points: { show: !chart.steps && chart.x.length < 40 },
          value: (u, v) => v == null ? '' : Number(v.toPrecision(5)) + (chart.unit ? ' ' + chart.unit : ''),
        }))),
      }, [chart.x].concat(chart.series.map((series) => series.values)), place);
    });
  };
  draw();
  let waiting;
  addEventListener('resize', () => { clearTimeout(waiting); waiting = setTimeout(draw, 100); });
  dark.addEventListener('change', draw);
})();`;
