/** Light and dark, by what the reader's system says. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fdfdfc; --soft: #5b6570; --rule: #d9dde2; --card: #f3f5f7;
  --c0: #1f6fb2; --c1: #b85c00; --c2: #3d7a00; --c3: #8a2f8a; --c4: #b3202f; --c5: #007a66; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7ea; --paper: #14171a; --soft: #9aa4ae; --rule: #333a41; --card: #1d2226;
  --c0: #6db3f2; --c1: #f2a65a; --c2: #7ed321; --c3: #e07be0; --c4: #f25a6d; --c5: #5af2d8; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; }
.lead, section > p, footer { color: var(--soft); overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: .5rem; margin: 1.5rem 0; }
.facts div { background: var(--card); border-radius: .4rem; padding: .5rem .75rem; } dt { color: var(--soft); font-size: .85rem; } dd { margin: 0; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; overflow-wrap: anywhere; } th { color: var(--soft); font-weight: 600; overflow-wrap: normal; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
pre { background: var(--card); border-radius: .4rem; padding: 1rem; overflow-x: auto; font-size: .85rem; } footer { margin-top: 3rem; font-size: .85rem; }
.plot { display: block; width: 100%; height: auto; } .grid { stroke: var(--rule); } .tick { fill: var(--ink); font-size: 13px; } .end { text-anchor: end; } .middle { text-anchor: middle; }
.series { fill: none; stroke-width: 2; stroke-linejoin: round; } .dashed { stroke-dasharray: 6 3; }
.series.c0 { stroke: var(--c0); } .mark.c0 { fill: var(--c0); } .series.c1 { stroke: var(--c1); } .mark.c1 { fill: var(--c1); } .series.c2 { stroke: var(--c2); } .mark.c2 { fill: var(--c2); } .series.c3 { stroke: var(--c3); } .mark.c3 { fill: var(--c3); } .series.c4 { stroke: var(--c4); } .mark.c4 { fill: var(--c4); } .series.c5 { stroke: var(--c5); } .mark.c5 { fill: var(--c5); }
@media print { .chart { break-inside: avoid; } }
`;
