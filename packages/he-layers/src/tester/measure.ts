/** Runs a network on ciphertexts beside its plain twin, and compares after each layer. */
import { HeNoiseError } from '@tacit/he';
import { boundOf } from '@tacit/he/network';
import type { OperationCounts } from '../layers/arithmetic.js';
import { EncodedNetwork, type LayerStep } from '../layers/network.js';
import { encryptLocally, type ValueRange } from '../layers/tensor.js';
import type { Instance } from './instance.js';
import type { Failure, LayerReport } from './report.js';

export interface Measurement {
  readonly layers: readonly LayerReport[];
  readonly failure?: Failure;
  readonly encryptMs: number;
  readonly inputBytes: number;
  /** Decrypted outputs; missing after a failure. */
  readonly outputs: readonly Float64Array[];
}

export type OnLayer = (report: LayerReport) => void;

/**
 * @param images at most as many as a tensor holds
 */
export async function measure(
  network: EncodedNetwork,
  { holder, arithmetic }: Instance,
  images: readonly ArrayLike<number>[],
  range: ValueRange,
  onLayer?: OnLayer,
): Promise<Measurement> {
  const plain = images.map((image) => {
    const values: Float64Array[] = [];
    network.plain(image, (value) => values.push(value));
    return values;
  });
  const start = performance.now();
  const input = encryptLocally(holder, arithmetic, images, network.inputShape, range);
  const encryptMs = performance.now() - start;
  const inputBytes = input.bytes;
  const layers: LayerReport[] = [];
  let outputs: Float64Array[] = [];
  let before = { ...arithmetic.counts };
  try {
    const output = await network.forward(input, {
      onLayer: (step) => {
        const operations = difference(arithmetic.counts, before);
        const compared = compare(
          step,
          holder,
          plain.map((values) => values[step.index]),
        );
        outputs = compared.decrypted;
        const report = { ...compared.report, operations };
        layers.push(report);
        onLayer?.(report);
        check(report);
        before = { ...arithmetic.counts };
      },
    });
    output.dispose();
    return { layers, encryptMs, inputBytes, outputs };
  } catch (error) {
    return { layers, failure: failureOf(error, network, layers), encryptMs, inputBytes, outputs: [] };
  } finally {
    input.dispose();
  }
}

/** Decrypts element by element: never all bytes of a tensor at once. */
function compare(step: LayerStep<object>, holder: Instance['holder'], plain: readonly Float64Array[]) {
  const { output, layer, ms } = step;
  const { arithmetic, images } = output;
  const decrypted = plain.map((values) => new Float64Array(values.length));
  let budget: number | undefined;
  let [worst, sum, largest] = [{ error: -1, image: 0, element: 0 }, 0, 0];
  output.elements.forEach((element, i) => {
    let values: ArrayLike<number> | undefined;
    if (typeof element === 'object') {
      const bytes = arithmetic.exportCiphertext(element);
      values = holder.decrypt(bytes);
      const left = holder.noiseBudget(bytes);
      if (left !== undefined) budget = Math.min(budget ?? left, left);
    }
    for (let image = 0; image < images; image++) {
      const value = values === undefined ? (element as number) : values[image];
      const expected = plain[image][i];
      decrypted[image][i] = value;
      const difference = Math.abs(value - expected);
      // What is no number is as wrong as can be.
      const error = Number.isFinite(difference) ? difference : Number.MAX_VALUE;
      sum += error;
      largest = Math.max(largest, Math.abs(expected));
      if (error > worst.error) worst = { error, image, element: i };
    }
  });
  const state = output.state;
  const unmasked = EncodedNetwork.isReencryption(layer) ? layer.obstacle(step.input) : undefined;
  const report: Omit<LayerReport, 'operations'> = {
    layer_name: layer.name,
    min_noise: budget ?? null,
    max_error: worst.error,
    max_error_position: [worst.image, ...positionOf(worst.element, output.shape.slice(1))],
    cipher_value: decrypted[worst.image][worst.element],
    plain_value: plain[worst.image][worst.element],
    kind: layer.kind,
    shape: output.shape,
    mean_error: sum / (output.size * images),
    level: state?.level ?? null,
    scale_bits: state === undefined || state.scale === 1 ? null : Math.log2(state.scale),
    largest,
    bound: boundOf(output.interval),
    ms,
    bytes: output.bytes,
    ...(EncodedNetwork.isReencryption(layer)
      ? { masked: unmasked === undefined, ...(unmasked === undefined ? {} : { unmasked_reason: unmasked }) }
      : {}),
  };
  return { report, decrypted };
}

/** Nothing that comes later means anything: stop at once. */
function check({ layer_name, min_noise, max_error, largest }: LayerReport): void {
  if (min_noise === 0)
    throw new HeNoiseError(
      `Layer ${layer_name}: the noise budget is used up. Take a larger ring or a smaller plain modulus, or re-encrypt before it.`,
    );
  if (max_error > Math.max(1, largest))
    throw new HeNoiseError(
      `Layer ${layer_name}: decrypted values have nothing to do with the plain ones. ` +
        (min_noise === null
          ? 'Values have outgrown the modulus; is the input range right?'
          : 'Digits have outgrown the plain modulus, or the ring: take a larger plain modulus, or fewer digits.'),
    );
}

function failureOf(error: unknown, network: EncodedNetwork, done: readonly LayerReport[]): Failure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (!(error instanceof Error) || code === undefined) throw error;
  // A layer that was computed and then found wanting is the last one; one that could not be computed comes after it.
  const layer = code === 'HE_NOISE' ? done.at(-1)?.layer_name : network.layers[done.length]?.name;
  return { code, layer: layer ?? null, message: error.message };
}

function difference(after: OperationCounts, before: OperationCounts): OperationCounts {
  return {
    plainProducts: after.plainProducts - before.plainProducts,
    additions: after.additions - before.additions,
    plainAdditions: after.plainAdditions - before.plainAdditions,
    products: after.products - before.products,
    keySwitches: after.keySwitches - before.keySwitches,
    rescalings: after.rescalings - before.rescalings,
  };
}

function positionOf(index: number, shape: readonly number[]): number[] {
  const position = new Array<number>(shape.length);
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    position[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return position;
}
