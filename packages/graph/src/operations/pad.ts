/** Padding with a public constant; negative amounts crop. Local. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { checkOptions, type OpenInts } from '../operation/attributes.js';
import type { OperationDefinition } from '../operation/definition.js';
import { type PlainTensor, stridesOf } from '../plain/plain-tensor.js';
import { at, mapDim, sizeOf, UNKNOWN } from '../shape/dims.js';
import { EXTEND_MODES, type ExtendMode } from './extend.js';

export interface PadAttributes<L = readonly number[]> {
  /** Over all axes: all begins, then all ends. */
  readonly pads: L;
  readonly value: number;
}

export const definition: OperationDefinition<'Pad', PadAttributes, PadAttributes<OpenInts>> = {
  op: 'Pad',
  summary: 'padding with a public constant; negative amounts crop',
  attributes: { pads: 'public', value: 'number' },
  arity: [1, 1],
  moves: true,
  infer([x], { pads }) {
    if (pads.length !== 2 * x.length)
      throw new ShapeError(`${pads.length} amounts of padding for ${x.length} axes`);
    if (!Array.isArray(pads)) return [x.map(() => UNKNOWN)];
    return [
      x.map((dim, axis) =>
        mapDim(dim, (size) => {
          const padded = size + pads[axis] + pads[axis + x.length];
          if (!Number.isSafeInteger(padded) || padded < 0)
            throw new ShapeError(`padding [${pads.join(', ')}] of size ${size}`);
          return padded;
        }),
      ),
    ];
  },
  evaluate: ([x], attributes) => [padded(x, attributes)],
  gradient: (k, { dy: [dy], attributes: { pads } }) => [
    k.pad(dy, { pads: pads.map((p) => 0 - p), value: 0 }),
  ],
  examples: [
    { shapes: [[2, 3]], attributes: { pads: [1, 0, 0, 2], value: 0.5 } },
    { shapes: [[4]], attributes: { pads: [-1, 2], value: 0 } },
    { shapes: [[3, 3]], attributes: { pads: [0, -1, 0, -2], value: 1 } },
    { shapes: [[2, 3]], attributes: { pads: [-4, 6, 5, -7], value: 0.25 } },
    { shapes: [[0]], attributes: { pads: [1, 1], value: -2 } },
  ],
};

function padded(x: PlainTensor, attributes: PadAttributes): PlainTensor {
  const [shape] = definition.infer([x.shape], attributes) as number[][];
  const data = new Float64Array(sizeOf(shape)).fill(attributes.value);
  const strides = stridesOf(shape);
  const own = stridesOf(x.shape);
  x.data.forEach((value, position) => {
    let offset = 0;
    for (let axis = 0; axis < shape.length; axis++) {
      const index = (Math.floor(position / own[axis]) % x.shape[axis]) + at(attributes.pads, axis);
      if (index < 0 || index >= shape[axis]) return;
      offset += index * strides[axis];
    }
    data[offset] = value;
  });
  return { shape, data };
}

export interface PadOptions {
  readonly mode?: 'constant' | ExtendMode;
}

export const methods = {
  /**
   * Padded: pads are [before of each axis, ..., after of each axis, ...]. No round.
   * @param pads amounts; negative ones crop
   * @param value public value of the padding where the mode is 'constant'; default 0
   * @param options `mode`: 'constant' (default), 'reflect' (mirrored at the first and last element), 'edge' (those) or
   * 'wrap' (from the other end)
   * @returns the padded shape
   * @throws ShapeError where the pads are not two for each axis, crop more than there is, or have no element to repeat
   * @throws ArgumentError for another mode
   * @example x.pad([0, 1, 0, 1], 0, { mode: 'reflect' })
   */
  pad: (_x: unknown, pads: readonly number[], value = 0, options: PadOptions = {}) => {
    checkOptions('pad', options, ['mode']);
    const { mode = 'constant' } = options;
    if (mode === 'constant') return { attributes: { pads: [...pads], value } };
    if (!EXTEND_MODES.includes(mode))
      throw new ArgumentError(`pad: the mode '${mode}' is not one of constant, ${EXTEND_MODES.join(', ')}`);
    return { op: 'Extend' as const, attributes: { pads: [...pads], mode } };
  },
};
