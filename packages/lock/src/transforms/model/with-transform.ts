/**
 * A keyed transform as the first layer of a model: with the key in the file, or as a place where one can be put.
 *
 * With a key, the file holds what the key makes of a block, in Constant nodes: whoever has the file has the key. It is for
 * training, and for the machine that answers. Without one, an Identity node keeps the place: such a file can be given
 * away, takes images that its user transforms, and gets the key back at use. The nodes of `ffx` look up a table by what was
 * rounded, which ONNX Runtime does and the graphs of `@tacit/graph` do not: transform such images before the model there.
 */
import { ArgumentError } from '@tacit/errors';
import { type OnnxDim, parseOnnx } from '@tacit/onnx';
import { DATA_TYPES } from '@tacit/onnx/protobuf';
import { type BlockSize, blockKey, checkKindAndBlock, type TransformKind } from '../block-key.js';
import { TransformModelError } from '../errors.js';
import { type Geometry, IMAGE_LAYOUTS, type ImageLayout } from '../images.js';
import { PREFIX, RESULT, stubNodes, transformNodes } from './nodes.js';
import { metadataOf, outputNames, rewired } from './rewire.js';

/** The entry of `metadata_props` that says which transform stands in front. */
export const TRANSFORM_METADATA = 'tacit.transform';

/** What a file says of the transform in front of it. */
export interface ModelTransform {
  readonly kind: TransformKind;
  readonly block: BlockSize;
  readonly layout: ImageLayout;
  /** Name of the images. */
  readonly input: string;
  /** Whether the file holds the key. */
  readonly keyed: boolean;
}

/** Which transform a model gets. What is left out is as the file says of the one in front of it. */
export interface WithTransformOptions {
  readonly kind?: TransformKind;
  readonly block?: BlockSize;
  /** 32 bytes. Without it the place of the transform is kept. */
  readonly key?: Uint8Array;
  /** Of one image; the input has an axis of images before it. Default 'CHW'. */
  readonly layout?: ImageLayout;
  /** Name of the input, where the model has several. */
  readonly input?: string;
  /** Allows blocks of fewer than 32 numbers. Default false. */
  readonly weak?: boolean;
}

/**
 * Puts a transform in front of a model, in place of one that is there.
 * @param model an ONNX file whose input is images in single precision, from 0 to 1, with known channels and sizes
 * @param options which transform, and the key
 * @returns the new file. With a key it contains the key
 * @throws ArgumentError for kinds, sizes and keys that are none
 * @throws TransformModelError where the model has no such input, or another transform in front
 * @throws WeakTransformError, OnnxFormatError
 * @example
 * const stub = withTransform(bytes, { kind: 'shf', block: 4 }); // may be given away
 * const keyed = withTransform(stub, { key }); // contains the key
 */
export function withTransform(model: Uint8Array, options: WithTransformOptions): Uint8Array {
  const before = transformOf(model);
  const kind = options.kind ?? before?.kind;
  const block = options.block ?? before?.block;
  const layout = options.layout ?? before?.layout ?? 'CHW';
  if (kind === undefined || block === undefined)
    throw new ArgumentError('withTransform: kind and block are needed, as the model says neither');
  checkKindAndBlock(kind, block);
  if (!IMAGE_LAYOUTS.includes(layout))
    throw new ArgumentError(`layout is one of ${IMAGE_LAYOUTS.join(', ')}, not ${JSON.stringify(layout)}`);
  if (before && (before.kind !== kind || before.block !== block || before.layout !== layout))
    throw new TransformModelError(
      `the model has a place for ${before.kind} on blocks of ${before.block} (${before.layout}), not for ${kind} on blocks of ${block} (${layout}); withoutTransform removes it`,
    );
  const plain = withoutTransform(model);
  const { input, geometry } = imagesOf(plain, options.input ?? before?.input, layout, block);
  const { key, weak = false } = options;
  const nodes = key
    ? transformNodes(input, blockKey({ kind, block, key, weak }, geometry.channels), geometry, block)
    : stubNodes(input);
  const info: ModelTransform & { version: number } = {
    version: 1,
    kind,
    block,
    layout,
    input,
    keyed: key !== undefined,
  };
  return rewired(plain, {
    prefix: PREFIX,
    nodes,
    renamed: new Map([[input, RESULT]]),
    metadata: { key: TRANSFORM_METADATA, value: JSON.stringify(info) },
  });
}

/**
 * Takes the transform in front of a model away, and its key with it.
 * @param model an ONNX file
 * @returns the file as it was before `withTransform`; without a transform in front, as it is
 * @throws OnnxFormatError, TransformModelError where the file is damaged
 * @example const plain = withoutTransform(keyed);
 */
export function withoutTransform(model: Uint8Array): Uint8Array {
  const before = transformOf(model);
  if (!before) return model;
  return rewired(model, {
    prefix: PREFIX,
    nodes: [],
    renamed: new Map([[RESULT, before.input]]),
    metadata: { key: TRANSFORM_METADATA, value: undefined },
  });
}

/**
 * Which transform stands in front of a model.
 * @param model an ONNX file
 * @returns what the file says; nothing where it has none
 * @throws OnnxFormatError where it is no ONNX file, TransformModelError where what it says cannot be
 * @example transformOf(bytes)?.keyed; // true: the file contains a key
 */
export function transformOf(model: Uint8Array): ModelTransform | undefined {
  const text = metadataOf(model, TRANSFORM_METADATA);
  if (text === undefined) return undefined;
  try {
    const { version, kind, block, layout, input, keyed } = JSON.parse(text);
    checkKindAndBlock(kind, block);
    if (
      version === 1 &&
      IMAGE_LAYOUTS.includes(layout) &&
      typeof input === 'string' &&
      typeof keyed === 'boolean'
    )
      return { kind, block, layout, input, keyed };
  } catch {
    // As below.
  }
  throw new TransformModelError(
    `the model's entry ${TRANSFORM_METADATA} was changed, or is of a newer version`,
  );
}

/** The input that holds images, and their sizes. */
function imagesOf(
  model: Uint8Array,
  wanted: string | undefined,
  layout: ImageLayout,
  block: BlockSize,
): { readonly input: string; readonly geometry: Geometry } {
  const { graph } = parseOnnx(model);
  const inputs = graph.inputs.filter(({ name }) => !graph.initializers.has(name));
  const names = inputs.map(({ name }) => name).join(', ');
  if (wanted === undefined && inputs.length !== 1)
    throw new TransformModelError(`the model has the inputs ${names || 'none'}: name the one that is images`);
  const found = inputs.find(({ name }) => name === (wanted ?? inputs[0].name));
  if (!found) throw new TransformModelError(`the model has no input ${JSON.stringify(wanted)}, but ${names}`);
  const { name, elementType, shape } = found;
  if (DATA_TYPES[elementType] !== 'float')
    throw new TransformModelError(
      `the input ${JSON.stringify(name)} is ${DATA_TYPES[elementType] ?? 'of no known type'}, not float: images from 0 to 1`,
    );
  if (outputNames(model).includes(name))
    throw new TransformModelError(`the input ${JSON.stringify(name)} is an output, too`);
  const sizes = shape?.length === layout.length + 1 ? shape.slice(1) : undefined;
  const known = sizes?.every((size): size is number => typeof size === 'number' && size > 0);
  if (!sizes || !known)
    throw new TransformModelError(
      `the input ${JSON.stringify(name)} has the shape [${(shape ?? []).map(shown)}] and not [N, ${[...layout].join(', ')}] with known sizes but N`,
    );
  const size = (axis: string): number => Number(sizes[layout.indexOf(axis)] ?? 1);
  const [channels, height, width] = ['C', 'H', 'W'].map(size);
  for (const side of [height, width])
    if (side % block !== 0)
      throw new TransformModelError(`blocks of ${block} do not divide images of ${height} x ${width}`);
  return { input: name, geometry: { layout, count: 1, channels, height, width } };
}

const shown = (size: OnnxDim): string => String(size ?? '?');
