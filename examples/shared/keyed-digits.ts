/** Networks for digits that are trained under a key, and what they are worth with it, without it, and with other keys. */
import { classesOf, fitPlain, freshWeights } from '@tacit/floats';
import { blockTransform, decoys, type TransformKind, zeroToOne } from '@tacit/lock/transforms';
import { type Digits, digits, withMoved } from './digits-bytes.js';
import { patchNetwork } from './patch-network.js';

const BLOCK = 4;
const CLASSES = 10;
const SIDE = 28;

export interface KeyedRun {
  /** Digits to train with, each once as it is and once moved by a pixel; 1,000 others are tested. */
  readonly train: number;
  readonly epochs: number;
  /** Keys that are tried. */
  readonly wrongKeys: number;
  /** Train on the same images under other keys, too. Default true. */
  readonly withDecoys?: boolean;
}

/** Percentages of the digits for testing. */
export interface KeyedResult {
  readonly right: number;
  readonly none: number;
  readonly wrong: readonly number[];
}

const newKey = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32));

const transformed = (kind: TransformKind, key: Uint8Array, { images }: Digits): Float32Array =>
  // Digits have one channel: 16 numbers a block, of which `weak` has to be said.
  zeroToOne(blockTransform({ kind, block: BLOCK, key, weak: true }).transform(images).data);

/**
 * Mean and deviation for each pixel: of all of them, or of those at the same place of a block. Encrypted pixels are spread
 * four times as wide as the others beside them, and say less: similar greys are encrypted to numbers far apart. They count
 * for a sixteenth, so that the network learns from the others first. For other kinds, means by place would show the key to
 * who has the file.
 */
function standard(data: Float32Array, byPlace: boolean): { mean: Float32Array; deviation: Float32Array } {
  const groups = byPlace ? BLOCK * BLOCK : 1;
  const group = (at: number): number =>
    byPlace ? (Math.floor(at / SIDE) % BLOCK) * BLOCK + ((at % SIDE) % BLOCK) : 0;
  const [sum, squares] = [new Float64Array(groups), new Float64Array(groups)];
  data.forEach((x, i) => {
    sum[group(i % (SIDE * SIDE))] += x;
    squares[group(i % (SIDE * SIDE))] += x * x;
  });
  const count = data.length / groups;
  const mean = Float32Array.from({ length: SIDE * SIDE }, (_, at) => sum[group(at)] / count);
  const deviation = mean.map((m, at) => Math.sqrt(squares[group(at)] / count - m * m) + 0.01);
  const least = Math.min(...deviation);
  return { mean, deviation: deviation.map((d) => d * (d / least) ** 2) };
}

async function trained(
  kind: TransformKind | undefined,
  data: Float32Array,
  train: Digits,
  run: KeyedRun,
  rightKey?: Uint8Array,
) {
  const { images, labels } = train;
  const { mean, deviation } = standard(data, kind === 'ffx');
  // Wrong keys of `ffx` are easy to tell, and reading under the right one is hard.
  const share = kind === 'ffx' ? 1 / 4 : 1 / 2;
  const source =
    kind && run.withDecoys !== false
      ? decoys(images, labels, { kind, block: BLOCK, classes: CLASSES, rightKey, weak: true })
      : undefined;
  const { graph } = await fitPlain(
    freshWeights(patchNetwork(mean, deviation)),
    { inputs: { shape: images.shape, data }, labels },
    {
      epochs: run.epochs,
      decay: true,
      optimizer: { kind: 'adam', lr: 0.002 },
      // Of some images of a step, to save time.
      also: source && ((places) => source(places.subarray(0, Math.ceil(places.length * share)))),
    },
  );
  return graph;
}

async function percentRight(
  graph: Parameters<typeof classesOf>[0],
  data: Float32Array,
  { images: { shape }, labels }: Digits,
): Promise<number> {
  const classes = await classesOf(graph, { shape, data });
  return (100 * classes.filter((label, i) => label === labels[i]).length) / labels.length;
}

function movedDigits(run: KeyedRun): { readonly train: Digits; readonly test: Digits } {
  const { train, test } = digits(run.train, 1000);
  return { train: withMoved(train), test };
}

/** The same network without any key. */
export async function plainDigits(run: KeyedRun): Promise<number> {
  const { train, test } = movedDigits(run);
  const graph = await trained(undefined, zeroToOne(train.images.data), train, run);
  return percentRight(graph, zeroToOne(test.images.data), test);
}

/** A network that is trained under a new key. */
export async function keyedDigits(kind: TransformKind, run: KeyedRun): Promise<KeyedResult> {
  const { train, test } = movedDigits(run);
  const key = newKey();
  const graph = await trained(kind, transformed(kind, key, train), train, run, key);
  const wrong: number[] = [];
  for (let i = 0; i < run.wrongKeys; i++)
    wrong.push(await percentRight(graph, transformed(kind, newKey(), test), test));
  return {
    right: await percentRight(graph, transformed(kind, key, test), test),
    none: await percentRight(graph, zeroToOne(test.images.data), test),
    wrong,
  };
}
