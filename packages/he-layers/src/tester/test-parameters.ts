/** The parameter tester. */
import { buildEncodedNetwork } from '../layers/build.js';
import { LocalReencryptionPeer } from '../layers/reencrypt.js';
import type { TesterConfig } from './config.js';
import { createInstance, type Instance } from './instance.js';
import { type Measurement, measure, type OnLayer } from './measure.js';
import { type PreparedParameters, prepare } from './prepare.js';
import type { LayerReport, ParameterReport, WorstCase } from './report.js';
import { searchWorstInputs } from './worst-case.js';

export interface TestOptions {
  /** Search for bad inputs beside the images given, and measure them. Default false. */
  readonly worstCase?: boolean;
  /** Called as each layer ends. */
  readonly onLayer?: (layer: LayerReport, set: number, image: number) => void;
}

/**
 * Runs a network on ciphertexts beside its plain twin, once for each set of parameters, and says what each layer costs
 * and how wrong it is. A set that does not work is reported with the layer at which it failed (HE_NOISE for a noise
 * budget that is used up, HE_LEVEL for a modulus that is, HE_REENCRYPT for masks without room); the others go on.
 *
 * Time and memory are those of one ciphertext an element: for LeNet-1 20 s and 3 GB in CKKS (for up to N/2 images), in
 * BFV minutes an image.
 * @param onnx the ONNX file
 * @param images values of each image, row by row
 * @param config sets of parameters
 * @param options whether to search for bad inputs, and who hears of each layer
 * @returns one report for each set
 * @throws HeArgumentError, HeModelError, HeLayerError for what no parameters can help; HeParametersError for parameters
 *   that are not secure or not possible
 */
export async function testParameters(
  onnx: Uint8Array,
  images: readonly ArrayLike<number>[],
  config: TesterConfig,
  options: TestOptions = {},
): Promise<ParameterReport[]> {
  const reports: ParameterReport[] = [];
  const sets = config.encryption_parameters.map((set) => prepare(set, config));
  for (const [index, set] of sets.entries()) {
    const onLayer = (layer: LayerReport, image: number) => options.onLayer?.(layer, index, image);
    reports.push(await testSet(onnx, images, config, set, options, onLayer));
  }
  return reports;
}

async function testSet(
  onnx: Uint8Array,
  images: readonly ArrayLike<number>[],
  config: TesterConfig,
  set: PreparedParameters,
  { worstCase = false }: TestOptions,
  onLayer: (layer: LayerReport, image: number) => void,
): Promise<ParameterReport> {
  const [low, high] = config.inputRange ?? [0, 1];
  const range = { low, high };
  const instance = await createInstance(set.parameters);
  try {
    const network = buildEncodedNetwork(onnx, {
      reencryptAt: set.reencryptAt,
      peer: new LocalReencryptionPeer(instance.holder),
      leakActivations: set.leakActivations,
      statisticalBits: config.statisticalBits,
      inputShape: config.inputShape,
    });
    const run = (batch: readonly ArrayLike<number>[], observe?: OnLayer) =>
      measure(network, instance, batch, range, observe);
    const measured = await inBatches(instance, images, run, onLayer);
    let worst: WorstCase | undefined;
    if (worstCase && measured.failure === undefined) {
      const { inputs, largest } = searchWorstInputs(network, images, range);
      // Where each input takes a pass of its own, the one with the largest output has to do.
      const chosen = instance.holder.maxImages === 1 ? inputs.slice(-1) : inputs;
      const found = await run(chosen);
      worst = {
        inputs: chosen.length,
        max_error: Math.max(...found.layers.slice(-1).map(({ max_error }) => max_error)),
        layers: found.layers,
        failure: found.failure,
        largest,
      };
    }
    const plain = images.map((image) => network.plain(image));
    const last = measured.layers.at(-1);
    return {
      parameters: set.given,
      scheme: set.parameters.scheme,
      ring_degree: set.parameters.ringDegree,
      modulus_bits: instance.modulusBits,
      notes: set.notes,
      images: images.length,
      layers: measured.layers,
      final_max_error: last?.max_error ?? 0,
      final_mean_error: last?.mean_error ?? 0,
      same_prediction: measured.outputs.filter((output, i) => argmax(output) === argmax(plain[i])).length,
      total_ms: measured.layers.reduce((sum, { ms }) => sum + ms, 0),
      encrypt_ms: measured.encryptMs,
      input_bytes: measured.inputBytes,
      evaluation_key_bytes: instance.evaluationKeyBytes,
      failure: measured.failure,
      worst_case: worst,
    };
  } finally {
    instance.dispose();
  }
}

/** All images, as many at once as a tensor holds; rows of the same layer become one. */
async function inBatches(
  { holder }: Instance,
  images: readonly ArrayLike<number>[],
  run: (batch: readonly ArrayLike<number>[], observe: OnLayer) => Promise<Measurement>,
  onLayer: (layer: LayerReport, image: number) => void,
): Promise<Measurement> {
  let total: Measurement | undefined;
  for (let first = 0; first < images.length; first += holder.maxImages) {
    const batch = images.slice(first, first + holder.maxImages);
    const one = await run(batch, (layer) => onLayer(layer, first));
    total = total === undefined ? one : merge(total, one, first, batch.length);
    if (one.failure !== undefined) break;
  }
  if (total === undefined) throw new TypeError('no images');
  return total;
}

/** Errors of both; times are means. */
function merge(all: Measurement, next: Measurement, first: number, count: number): Measurement {
  const layers = all.layers.map((a, i) => {
    const b = next.layers[i];
    if (b === undefined) return a;
    const [image, ...position] = b.max_error_position;
    const worse = b.max_error > a.max_error ? { ...b, max_error_position: [first + image, ...position] } : a;
    const passes = first / count;
    return {
      ...worse,
      min_noise: a.min_noise === null || b.min_noise === null ? null : Math.min(a.min_noise, b.min_noise),
      mean_error: (a.mean_error * first + b.mean_error * count) / (first + count),
      largest: Math.max(a.largest, b.largest),
      ms: (a.ms * passes + b.ms) / (passes + 1),
    };
  });
  return { ...all, layers, failure: next.failure, outputs: [...all.outputs, ...next.outputs] };
}

const argmax = (values: Float64Array): number =>
  values.reduce((best, value, i) => (value > values[best] ? i : best), 0);
