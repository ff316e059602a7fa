/** The planner's report as text for a terminal. */

import { bytes, table } from '@tacit/cli-kit';
import type { CompileReport } from '@tacit/he';

export function renderCompileReport(
  report: CompileReport,
  files: { readonly server: Uint8Array; readonly client: Uint8Array },
): string {
  const primes = [...new Set(report.primeBits)].map((bits) => {
    const count = report.primeBits.filter((other) => other === bits).length;
    return `${count} x ${bits}`;
  });
  const facts: [string, string][] = [
    [
      'mode',
      report.mode === 'latency'
        ? 'latency (one input at a time)'
        : `throughput (${report.images} inputs at once)`,
    ],
    ['ring degree', `${report.ringDegree}`],
    [
      'modulus',
      `${report.modulusBits} bits (primes of ${primes.join(' + ')} bits, special prime of ${report.specialPrimeBits}), ${report.security}-bit security`,
    ],
    [
      'error',
      `about ${report.expectedError.toExponential(1)}${report.guaranteed ? '' : '; results far beyond those of the samples have no room (the client notices)'}`,
    ],
    [
      'upload',
      `${bytes(report.uploadBytes)}, once per client ${bytes(report.evaluationKeyBytes)} of keys (${report.rotationSteps} rotations)`,
    ],
    ['download', bytes(report.downloadBytes)],
    [
      'time',
      `about ${Math.round(report.estimatedMs)} ms on one core${report.images > 1 ? `, ${(report.estimatedMs / report.images).toFixed(1)} ms an input` : ''}`,
    ],
    ['files', `server ${bytes(files.server.length)}, client ${bytes(files.client.length)} (no weights)`],
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = [`${report.name}`, ...facts.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`), ''];
  lines.push(
    ...table(
      ['stage', 'layers', 'primes', 'rotations', 'products', 'ms', 'largest', 'bound'],
      report.stages.map((stage, i) => [
        `${i} ${stage.kind}`,
        stage.layers,
        `${stage.level}`,
        `${stage.rotations}`,
        `${stage.products}`,
        stage.estimatedMs.toFixed(1),
        stage.largest.toPrecision(3),
        stage.bound.toPrecision(3),
      ]),
    ),
  );
  if (report.approximated !== undefined) {
    const { layers, agreement, samples, largestChange } = report.approximated;
    lines.push('');
    for (const layer of layers)
      lines.push(
        `${layer.layer} (${layer.op}) on [${layer.interval.map((x) => x.toPrecision(3)).join(', ')}] is now ` +
          `${layer.coefficients.map((c, k) => (k === 0 ? c.toPrecision(4) : `${c < 0 ? '-' : '+'} ${Math.abs(c).toPrecision(4)} x${k > 1 ? `^${k}` : ''}`)).join(' ')}, ` +
          `off by ${layer.rmsError.toPrecision(2)} (root mean square)`,
      );
    lines.push(
      `the largest output stays the same for ${(100 * agreement).toFixed(1)} % of ${samples} samples; outputs change by up to ${largestChange.toPrecision(3)}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
