/** The report as text: a line a check, then what to change. */
import type { Finding, Verdict } from './finding.js';

/** Everything that was found. */
export interface Report {
  /** No problem; warnings may be there. */
  readonly ok: boolean;
  readonly version: string;
  readonly node: string;
  readonly findings: readonly Finding[];
}

const WORDS: Readonly<Record<Verdict, string>> = {
  ok: 'ok',
  warning: 'WARNING',
  problem: 'PROBLEM',
  skipped: 'skipped',
};

/**
 * A report for a terminal.
 * @param report what was found
 * @param titles of the peers by name, e.g. with their address
 * @returns lines
 */
export function render(report: Report, titles: ReadonlyMap<string, string> = new Map()): string[] {
  const { findings } = report;
  const named = new Set(findings.flatMap(({ peer }) => (peer === undefined ? [] : [peer])));
  const peers = [undefined, ...named];
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  const lines: string[] = [];
  for (const peer of peers) {
    lines.push(peer === undefined ? 'this side' : (titles.get(peer) ?? peer));
    for (const finding of findings)
      if (finding.peer === peer)
        lines.push(
          `  ${WORDS[finding.verdict].padEnd(7)}  ${finding.check.padEnd(width)}  ${finding.message}`,
        );
    lines.push('');
  }
  return [...lines, ...whatToChange(findings)].map(printable);
}

function whatToChange(findings: readonly Finding[]): string[] {
  const urgent = [...findings]
    .filter(({ advice }) => advice !== undefined)
    .sort((a, b) => Number(b.verdict === 'problem') - Number(a.verdict === 'problem'));
  if (urgent.length === 0) return ['Nothing to change.'];
  const lines = ['What to change'];
  for (const [index, { check, peer, verdict, advice }] of urgent.entries())
    lines.push(
      `  ${index + 1}. ${peer === undefined ? '' : `${peer}, `}${check}${verdict === 'warning' ? ' (warning)' : ''}: ${advice}`,
    );
  return lines;
}

/** Messages may quote what others wrote, which must not steer the terminal. */
const printable = (line: string): string => line.replace(/\p{Cc}/gu, '?');
