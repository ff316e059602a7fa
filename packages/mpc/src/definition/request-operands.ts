/** Reads the operands of a product from a request: references to masks, their views, and a bilinear map. */
import { type Conv2dSizes, windowOutput } from '@tacit/ring';
import type { Bilinear } from '../runtime/bilinear.js';
import type { MaskRef, StridedView } from '../runtime/mask-ref.js';
import { type Fields, MAX_ID, type RequestFields, shown } from './request-fields.js';

const MAX_VIEWS = 256;
const MAX_RANK = 32;
const MAX_SIZE = 2 ** 31 - 1;

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/**
 * Checks that one party, the owner, holds the mask of its operand, and all the others that of what meets it: of any other
 * holders the owner, or somebody else, would know both factors.
 * @throws DealerRequestError
 */
export function checkOwnedBy(request: RequestFields, owned: MaskRef, other: MaskRef): void {
  const [owner, ...more] = owned.holders;
  if (more.length > 0) request.fail('only the owner of an operand must hold its mask');
  const others = Array.from({ length: request.parties }, (_, rank) => rank).filter((rank) => rank !== owner);
  if (other.holders.length !== others.length || other.holders.some((rank, i) => rank !== others[i]))
    request.fail(
      'all parties but the owner must hold a part of the mask of what meets its operand, in order',
    );
}

/** Reads a reference to a mask of at most `most` elements; its views are not checked yet. */
function readReference(
  request: RequestFields,
  name: string,
  most: number,
): { ref: MaskRef; views: unknown[] } {
  const given = request.object(name);
  const id = request.object('id', given);
  const index = request.whole('index', 0, MAX_ID, id);
  const scope = request.scope('scope', id);
  const holders = request.wholes('holders', request.parties, 0, request.parties - 1, given);
  if (holders.length === 0 || new Set(holders).size !== holders.length)
    request.fail(`${name}: holders must be different parties, at least one`);
  const n = request.whole('n', 0, most, given);
  const views = [...request.list('views', MAX_VIEWS, given)];
  return { ref: { id: { index, scope }, n, holders, views: [] }, views };
}

/** A mask that a product takes, and how many elements it has after its views. */
export interface ReadMask {
  readonly ref: MaskRef;
  readonly size: number;
}

/** Reads a reference to a mask that is expanded as a whole. @throws DealerRequestError */
export function readMask(request: RequestFields, name: string): ReadMask {
  const { ref, views } = readReference(request, name, request.limits.maxElements);
  const read: StridedView[] = [];
  let size = ref.n;
  for (const given of views) {
    const { view, elements } = readView(request, request.object('view', { view: given }), size);
    read.push(view);
    size = elements;
  }
  return { ref: { ...ref, views: read }, size };
}

/**
 * Reads a reference to a mask of the result's size that is expanded by blocks: it can be long, but not be a view.
 * @throws DealerRequestError
 */
export function readWholeMask(request: RequestFields, name: string): MaskRef {
  const { ref, views } = readReference(request, name, request.n);
  if (ref.n !== request.n) request.fail(`${name} has ${ref.n} elements, not ${request.n}`);
  if (views.length > 0) request.fail(`${name} must not be a view`);
  return ref;
}

function readView(
  request: RequestFields,
  given: Fields,
  size: number,
): { readonly view: StridedView; readonly elements: number } {
  const shape = request.wholes('shape', MAX_RANK, 0, request.limits.maxElements, given);
  const strides = request.wholes('strides', MAX_RANK, -MAX_SIZE, MAX_SIZE, given);
  const offset = request.whole('offset', 0, MAX_SIZE, given);
  const view = { shape, strides, offset };
  if (strides.length !== shape.length) request.fail('a view has as many strides as lengths');
  const elements = product(shape);
  if (elements > request.limits.maxElements)
    request.fail(`a view of ${elements} elements; the limit is ${request.limits.maxElements}`);
  if (elements === 0) return { view, elements };
  let low = offset;
  let high = offset;
  shape.forEach((length, i) => {
    const reach = (length - 1) * strides[i];
    if (reach < 0) low += reach;
    else high += reach;
  });
  if (low < 0 || high >= size) request.fail(`a view reaches out of its ${size} elements`);
  return { view, elements };
}

/** Checks that every party holds a part of a mask, in order of rank. @throws DealerRequestError */
export function checkHeldByAll(request: RequestFields, ...masks: readonly MaskRef[]): void {
  for (const { holders } of masks)
    if (holders.length !== request.parties || holders.some((rank, i) => rank !== i))
      request.fail('every party must hold a part of the mask, in order');
}

/**
 * Reads the map f and checks that it takes `a` and `b` elements to the request's n, at a bearable cost, that of `times`
 * products.
 * @throws DealerRequestError
 */
export function readBilinear(request: RequestFields, a: number, b: number, times = 1): Bilinear {
  const { f, elements, products } = readSizes(request, request.object('f'));
  const sizes = { left: [elements[0], a], right: [elements[1], b], result: [elements[2], request.n] };
  for (const [name, [needed, given]] of Object.entries(sizes)) {
    if (needed !== given) request.fail(`the ${name} of ${f.op} has ${needed} elements, not ${given}`);
    if (given > request.limits.maxElements)
      request.fail(`a ${name} of ${given} elements; the limit is ${request.limits.maxElements}`);
  }
  if (products * times > request.limits.maxProducts)
    request.fail(`${products * times} multiplications; the limit is ${request.limits.maxProducts}`);
  return f;
}

interface ReadBilinear {
  readonly f: Bilinear;
  /** Of left operand, right operand and result. */
  readonly elements: readonly [number, number, number];
  readonly products: number;
}

function readSizes(request: RequestFields, given: Fields): ReadBilinear {
  switch (given.op) {
    case 'mul': {
      const n = request.whole('n', 0, MAX_SIZE, given);
      return { f: { op: 'mul', n }, elements: [n, n, n], products: n };
    }
    case 'matmul': {
      const [m, k, n, batch] = ['m', 'k', 'n', 'batch'].map((name) =>
        request.whole(name, 0, MAX_SIZE, given),
      );
      const aBroadcast = request.flag('aBroadcast', given);
      const bBroadcast = request.flag('bBroadcast', given);
      return {
        f: { op: 'matmul', m, k, n, batch, aBroadcast, bBroadcast },
        elements: [(aBroadcast ? 1 : batch) * m * k, (bBroadcast ? 1 : batch) * k * n, batch * m * n],
        products: batch * m * k * n,
      };
    }
    case 'conv2d':
      return readConvolution(request, request.object('params', given));
    default:
      return request.fail(`unknown map ${shown(given.op)}`);
  }
}

function readConvolution(request: RequestFields, given: Fields): ReadBilinear {
  const size = (name: string, low = 0): number => request.whole(name, low, MAX_SIZE, given);
  const list = (name: string, length: number) => {
    const values = request.wholes(name, length, 0, MAX_SIZE, given);
    if (values.length !== length) request.fail(`${name} must have ${length} entries`);
    return values;
  };
  const pair = (name: string): readonly [number, number] => {
    const [first, second] = list(name, 2);
    return [first, second];
  };
  const optional = <K extends string, V>(name: K, read: (name: K) => V) =>
    (given[name] === undefined ? {} : { [name]: read(name) }) as { readonly [name in K]?: V };
  const params: Conv2dSizes = {
    batch: size('batch'),
    inChannels: size('inChannels'),
    height: size('height'),
    width: size('width'),
    outChannels: size('outChannels'),
    kernel: pair('kernel'),
    ...optional('groups', (name) => size(name, 1)),
    ...optional('stride', pair),
    ...optional('dilation', pair),
    ...optional('pads', (name): readonly [number, number, number, number] => {
      const [top, left, bottom, right] = list(name, 4);
      return [top, left, bottom, right];
    }),
  };
  const { batch, inChannels, height, width, outChannels, kernel, groups = 1 } = params;
  if (inChannels % groups !== 0 || outChannels % groups !== 0)
    request.fail(`${groups} groups of ${inChannels} and ${outChannels} channels`);
  let output: readonly [number, number];
  try {
    output = windowOutput(height, width, params);
  } catch (error) {
    return request.fail((error as Error).message);
  }
  const terms = (inChannels / groups) * product(kernel);
  const result = batch * outChannels * product(output);
  return {
    f: { op: 'conv2d', params },
    elements: [batch * inChannels * height * width, outChannels * terms, result],
    products: result * terms,
  };
}
