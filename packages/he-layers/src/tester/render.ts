/** Reports of the parameter tester as text. */
import { bytes, table } from '@tacit/cli-kit';
import type { LayerReport, ParameterReport } from './report.js';

/**
 * A table of layers for each set of parameters.
 * @param report of one set of parameters
 * @returns lines of text
 */
export function renderParameterReport(report: ParameterReport): string {
  const { scheme, ring_degree, modulus_bits, images, failure, worst_case } = report;
  const lines = [
    `${scheme.toUpperCase()}, ring degree ${ring_degree}, modulus of ${modulus_bits} bits`,
    ...report.notes.map((note) => `  ${note}`),
    '',
    ...layerTable(report.layers, scheme),
    '',
  ];
  for (const { layer_name, masked, unmasked_reason } of report.layers)
    if (masked === false) lines.push(`${layer_name}: activations are NOT masked: ${unmasked_reason}`);
  if (failure !== undefined) lines.push(`FAILED (${failure.code}): ${failure.message}`);
  else
    lines.push(
      `largest error ${error(report.final_max_error)}, mean ${error(report.final_mean_error)}; ` +
        `${report.same_prediction} of ${images} predictions as in plaintext`,
      `${seconds(report.total_ms)} for ${scheme === 'ckks' ? `${images} image${images === 1 ? '' : 's'} together` : 'each image'}, ` +
        `encryption ${seconds(report.encrypt_ms)}, input ${bytes(report.input_bytes)}, keys ${bytes(report.evaluation_key_bytes)}`,
    );
  if (worst_case !== undefined) {
    lines.push(
      '',
      worst_case.failure === undefined
        ? `worst case of ${worst_case.inputs} inputs searched: largest error ${error(worst_case.max_error)}`
        : `worst case of ${worst_case.inputs} inputs searched: FAILED (${worst_case.failure.code}): ${worst_case.failure.message}`,
      ...table(
        ['values before', '', 'largest on images', 'on inputs found'],
        worst_case.largest.map(({ layer_name, images: typical, found }) => [
          layer_name,
          '',
          typical.toPrecision(3),
          found.toPrecision(3),
        ]),
      ),
    );
  }
  return `${lines.join('\n')}\n`;
}

function layerTable(layers: readonly LayerReport[], scheme: 'bfv' | 'ckks'): string[] {
  const noise = scheme === 'bfv' ? 'noise budget' : 'scale bits';
  return table(
    [
      'layer',
      'kind',
      'products',
      'sums',
      'squares',
      'switches',
      'primes',
      noise,
      'max error',
      'at',
      'mean error',
      'largest',
      'bound',
      'ms',
      'size',
    ],
    layers.map((layer) => [
      layer.layer_name,
      layer.kind,
      `${layer.operations.plainProducts}`,
      `${layer.operations.additions + layer.operations.plainAdditions}`,
      `${layer.operations.products}`,
      `${layer.operations.keySwitches}`,
      `${layer.level ?? '-'}`,
      scheme === 'bfv' ? `${layer.min_noise ?? '-'}` : (layer.scale_bits?.toFixed(1) ?? '-'),
      error(layer.max_error),
      layer.max_error_position.join(','),
      error(layer.mean_error),
      layer.largest.toPrecision(3),
      layer.bound.toPrecision(3),
      layer.ms.toFixed(0),
      bytes(layer.bytes),
    ]),
  );
}

const error = (value: number): string => (value === 0 ? '0' : value.toExponential(1));
const seconds = (ms: number): string => (ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`);
