/** Checks of the operands of a product: references to masks, their views, and the sizes of a bilinear map. */
import { type Conv2dSizes, windowOutput } from '@tacit/ring';
import { type Fields, MAX_ID, type RequestFields, shown } from './request-fields.js';

const MAX_VIEWS = 256;
const MAX_RANK = 32;
const MAX_SIZE = 2 ** 31 - 1;

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/**
 * Checks that one party, the owner, holds the mask of its operand, and all the others that of what meets it: of any other
 * holders the owner, or somebody else, would know both factors.
 */
export function checkOwnedBy(request: RequestFields, owned: string, other: string): void {
  const holders = (name: string) => request.list('holders', request.parties, request.object(name));
  const [owner, ...more] = holders(owned);
  if (more.length > 0) request.fail(`${owned}: only its owner must hold its mask`);
  const others = Array.from({ length: request.parties }, (_, rank) => rank).filter((rank) => rank !== owner);
  const found = holders(other);
  if (found.length !== others.length || found.some((rank, i) => rank !== others[i]))
    request.fail(`${other}: all parties but the owner of ${owned} must hold a part of its mask, in order`);
}

/** Checks a reference to a mask of at most `most` elements. Returns how many it has, and its views unchecked. */
function checkReference(
  request: RequestFields,
  name: string,
  most: number,
): { n: number; views: readonly unknown[] } {
  const ref = request.object(name);
  const id = request.object('id', ref);
  request.whole('index', 0, MAX_ID, id);
  request.scope('scope', id);
  const holders = request.wholes('holders', request.parties, 0, request.parties - 1, ref);
  if (holders.length === 0 || new Set(holders).size !== holders.length)
    request.fail(`${name}: holders must be different parties, at least one`);
  return { n: request.whole('n', 0, most, ref), views: request.list('views', MAX_VIEWS, ref) };
}

/** Checks a reference to a mask and returns how many elements it has after its views. */
export function checkMask(request: RequestFields, name: string): number {
  const { n, views } = checkReference(request, name, request.limits.maxElements);
  let size = n;
  for (const view of views) size = checkView(request, request.object('view', { view }), size);
  return size;
}

/** Checks a reference to a mask of the result's size that is expanded by blocks: it can be long, but not be a view. */
export function checkWholeMask(request: RequestFields, name: string): void {
  const { n, views } = checkReference(request, name, request.n);
  if (n !== request.n) request.fail(`${name} has ${n} elements, not ${request.n}`);
  if (views.length > 0) request.fail(`${name} must not be a view`);
}

function checkView(request: RequestFields, view: Fields, size: number): number {
  const shape = request.wholes('shape', MAX_RANK, 0, request.limits.maxElements, view);
  const strides = request.wholes('strides', MAX_RANK, -MAX_SIZE, MAX_SIZE, view);
  const offset = request.whole('offset', 0, MAX_SIZE, view);
  if (strides.length !== shape.length) request.fail('a view has as many strides as lengths');
  const elements = product(shape);
  if (elements > request.limits.maxElements)
    request.fail(`a view of ${elements} elements; the limit is ${request.limits.maxElements}`);
  if (elements === 0) return 0;
  let low = offset;
  let high = offset;
  shape.forEach((length, i) => {
    const reach = (length - 1) * strides[i];
    if (reach < 0) low += reach;
    else high += reach;
  });
  if (low < 0 || high >= size) request.fail(`a view reaches out of its ${size} elements`);
  return elements;
}

/** Checks that every party holds a part of a mask, in order of rank. */
export function checkHeldByAll(request: RequestFields, name: string): void {
  const holders = request.list('holders', request.parties, request.object(name));
  if (holders.length !== request.parties || holders.some((rank, i) => rank !== i))
    request.fail(`${name}: every party must hold a part of it`);
}

/** Checks that f takes `a` and `b` elements to the request's n, at a bearable cost, that of `times` products. */
export function checkBilinear(request: RequestFields, a: number, b: number, times = 1): void {
  const f = request.object('f');
  const { elements, products } = bilinearSizes(request, f);
  const sizes = { left: [elements[0], a], right: [elements[1], b], result: [elements[2], request.n] };
  for (const [name, [needed, given]] of Object.entries(sizes)) {
    if (needed !== given) request.fail(`the ${name} of ${f.op} has ${needed} elements, not ${given}`);
    if (given > request.limits.maxElements)
      request.fail(`a ${name} of ${given} elements; the limit is ${request.limits.maxElements}`);
  }
  if (products * times > request.limits.maxProducts)
    request.fail(`${products * times} multiplications; the limit is ${request.limits.maxProducts}`);
}

interface BilinearSizes {
  /** Of left operand, right operand and result. */
  readonly elements: readonly [number, number, number];
  readonly products: number;
}

function bilinearSizes(request: RequestFields, f: Fields): BilinearSizes {
  switch (f.op) {
    case 'mul': {
      const n = request.whole('n', 0, MAX_SIZE, f);
      return { elements: [n, n, n], products: n };
    }
    case 'matmul': {
      const [m, k, n, batch] = ['m', 'k', 'n', 'batch'].map((name) => request.whole(name, 0, MAX_SIZE, f));
      const left = (request.flag('aBroadcast', f) ? 1 : batch) * m * k;
      const right = (request.flag('bBroadcast', f) ? 1 : batch) * k * n;
      return { elements: [left, right, batch * m * n], products: batch * m * k * n };
    }
    case 'conv2d':
      return convolutionSizes(request, request.object('params', f));
    default:
      return request.fail(`unknown map ${shown(f.op)}`);
  }
}

function convolutionSizes(request: RequestFields, p: Fields): BilinearSizes {
  const size = (name: string, low: number): number => request.whole(name, low, MAX_SIZE, p);
  const [batch, inChannels, height, width, outChannels] = [
    size('batch', 0),
    size('inChannels', 0),
    size('height', 0),
    size('width', 0),
    size('outChannels', 0),
  ];
  const groups = p.groups === undefined ? 1 : size('groups', 1);
  if (inChannels % groups !== 0 || outChannels % groups !== 0)
    request.fail(`${groups} groups of ${inChannels} and ${outChannels} channels`);
  for (const [name, length] of [
    ['kernel', 2],
    ['stride', 2],
    ['dilation', 2],
    ['pads', 4],
  ] as const) {
    if (p[name] === undefined && name !== 'kernel') continue;
    if (request.wholes(name, length, 0, MAX_SIZE, p).length !== length)
      request.fail(`${name} must have ${length} entries`);
  }
  const sizes = p as unknown as Conv2dSizes;
  let output: readonly [number, number];
  try {
    output = windowOutput(height, width, sizes);
  } catch (error) {
    return request.fail((error as Error).message);
  }
  const terms = (inChannels / groups) * product(sizes.kernel);
  const result = batch * outChannels * product(output);
  return {
    elements: [batch * inChannels * height * width, outChannels * terms, result],
    products: result * terms,
  };
}
