/** An explanation as text for a terminal. */
import { bytes, table } from '@tacit/cli-kit';
import type { ExplainedOperation, ExplainReport } from './report.js';

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const show = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** A time with three digits. */
export function time(ms: number): string {
  if (ms < 1) return `${ms.toFixed(2)} ms`;
  if (ms < 10_000) return `${ms.toFixed(ms < 100 ? 1 : 0)} ms`;
  return ms < 600_000 ? `${(ms / 1000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}

/**
 * The explanation, line by line.
 * @param report what was found out
 * @param top how many operations are listed; of more, the dearest
 * @returns text that ends in a line break
 */
export function explainText(report: ExplainReport, top: number): string {
  const { parties, mode, modelOwner, inputs, outputs, setup, network, time: total, memory } = report;
  const member = (rank: number): string => (rank === parties ? 'the dealer' : `party ${rank}`);
  const each = (values: readonly number[]): string =>
    values.map((value, rank) => `${member(rank)} ${bytes(value)}`).join(', ');
  const { busiestLine } = total;
  return [
    `model       ${report.model}, ${report.parameters} parameters, of ${member(modelOwner)}, mode ${mode}`,
    ...inputs.map(({ name, shape, owner }) => `input       ${name} ${show(shape)} of ${member(owner)}`),
    ...outputs.map(({ name, shape, to }) => `output      ${name} ${show(shape)} to ${member(to)}`),
    ...(report.runs > 1
      ? [
          `            the file fixes a batch of ${inputs[0].shape[0] / report.runs}: it runs ${report.runs} times side by side`,
        ]
      : []),
    '',
    ...operationLines(report, top),
    '',
    `rounds      ${report.rounds}`,
    `sent        ${each(report.bytesSent)}; ${bytes(sum(report.bytesSent))} together`,
    `dealer      ${bytes(report.dealerBytes)} to ${member(parties - 1)}; a tape of one inference is as long`,
    `setup       ${each(setup.bytesSent)}; ${setup.rounds} ${setup.rounds === 1 ? 'round' : 'rounds'}, ${time(setup.ms)}; once for the model`,
    `memory      ${[...memory.parties, memory.dealer].map((value, rank) => `${member(rank)} ${bytes(value)}`).join(', ')}; peak, estimated`,
    '',
    `network     ${networkText(network)}`,
    `computing   ${computingText(report)}`,
    `time        ${time(total.ms)} an inference, estimated, warm`,
    `  waiting   ${time(total.waitingMs)}: half a round trip for each message of the longest chain, the dealer's first answer included`,
    `  computing ${total.computingMs.map((ms, rank) => `${member(rank)} ${time(ms)}`).join(', ')}`,
    ...(busiestLine
      ? [
          `  sending   ${time(busiestLine.ms)} on the busiest line, from ${member(busiestLine.from)} to ${member(busiestLine.to)}`,
        ]
      : []),
    '            (these overlap)',
    '',
  ].join('\n');
}

function operationLines({ operations, parties }: ExplainReport, top: number): string[] {
  const dearest = new Set([...operations].sort((a, b) => b.ms - a.ms).slice(0, top));
  const shown = operations.filter((row) => dearest.has(row));
  const cells = ({ name, op, shape, rounds, bytesSent, dealerBytes, ms }: ExplainedOperation): string[] => [
    op,
    name,
    show(shape),
    `${rounds}`,
    ...bytesSent.map(bytes),
    bytes(dealerBytes),
    time(ms),
  ];
  const senders = Array.from({ length: parties }, (_, rank) => `${rank} sends`);
  const left = operations.length - shown.length;
  return [
    ...table(['operation', 'value', 'shape', 'rounds', ...senders, 'dealer', 'adds'], shown.map(cells)),
    ...(left > 0 ? [`and ${left} more that add less (--top ${operations.length} shows all)`] : []),
  ];
}

function networkText({ roundTripMs, bytesPerSecond, sharedCores }: ExplainReport['network']): string {
  const speed =
    bytesPerSecond === undefined
      ? 'unlimited bandwidth'
      : `${Number(((bytesPerSecond * 8) / 1e6).toPrecision(4))} Mbit/s in each direction between two members`;
  const where =
    sharedCores === undefined
      ? 'each member on a machine of its own'
      : `all members on ${sharedCores} ${sharedCores === 1 ? 'processor' : 'processors'}`;
  return `round trip of ${time(roundTripMs)}, ${speed}, ${where}`;
}

function computingText({ computation: { source, rates } }: ExplainReport): string {
  const speed = `${Math.round(rates.multiplications / 1e6).toLocaleString('en')} M multiplications a second`;
  return source === 'measured'
    ? `by a self-measurement of this machine just now: ${speed}, ${rates.wordNs.toFixed(1)} ns a random word, ${(rates.messageMs * 1000).toFixed(0)} us a message`
    : `by the stated speed: ${speed} of a core`;
}
