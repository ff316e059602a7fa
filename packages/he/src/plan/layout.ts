/**
 * Where the elements of a tensor sit in the slots of one or several ciphertexts.
 *
 * Slots are numbered through: slot s of ciphertext c is c · slots + s. A tensor that needs no more than `period` slots
 * is repeated with that period (a power of two that divides the number of slots), so that rotations wrap round.
 */
import { sizeOf } from '../network/network.js';

export interface Layout {
  readonly name: string;
  /** Slot of every element, below `period` when there is one ciphertext. */
  readonly slotOf: Int32Array;
  readonly period: number;
  readonly ciphertexts: number;
}

/** A tensor cut into `phases` x `phases` interleaved planes, each stored row by row. */
export interface GridForm {
  /** Sub-sampling along each spatial axis: 2 keeps even and odd rows apart, so that a stride of 2 costs nothing. */
  readonly phases: readonly number[];
  /** Slots from one row of a plane to the next. */
  readonly rowStride: number;
  /** Slots from one plane to the next. */
  readonly planeStride: number;
  /** Which of the two planes are numbered by runs faster. */
  readonly order: 'phase-channel' | 'channel-phase';
}

/** The smallest power of two >= n. */
export function powerOfTwo(n: number): number {
  let power = 1;
  while (power < n) power *= 2;
  return power;
}

/** Elements one after the other, padded to `period` slots. */
export function flatLayout(size: number, slots: number, period = powerOfTwo(size)): Layout {
  return finish(
    `flat/${Math.min(period, slots)}`,
    Int32Array.from({ length: size }, (_, i) => i),
    slots,
    period,
  );
}

/** @param shape [channels, ...spatial] with one or two spatial axes */
export function gridLayout(shape: readonly number[], form: GridForm, slots: number): Layout {
  const [channels = 1, ...spatial] = shape;
  const [height = 1, width = 1] = spatial.length === 1 ? [1, spatial[0]] : spatial;
  const [py = 1, px = 1] = spatial.length === 1 ? [1, form.phases[0]] : form.phases;
  const slotOf = new Int32Array(sizeOf(shape));
  const channelRoom = powerOfTwo(channels);
  let i = 0;
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const phase = (y % py) * px + (x % px);
        const plane = form.order === 'phase-channel' ? phase * channelRoom + c : c * (py * px) + phase;
        slotOf[i++] = plane * form.planeStride + Math.floor(y / py) * form.rowStride + Math.floor(x / px);
      }
  const { phases, rowStride, planeStride, order } = form;
  return finish(`grid ${phases.join('x')} rows/${rowStride} planes/${planeStride} ${order}`, slotOf, slots);
}

function finish(name: string, slotOf: Int32Array, slots: number, least = 1): Layout {
  const extent = slotOf.reduce((top, slot) => Math.max(top, slot), 0) + 1;
  const room = Math.max(powerOfTwo(extent), least);
  return room <= slots
    ? { name, slotOf, period: room, ciphertexts: 1 }
    : { name, slotOf, period: slots, ciphertexts: Math.ceil(extent / slots) };
}

/** Values of a tensor in the slots of its ciphertexts, repeated with the layout's period. */
export function spread(values: ArrayLike<number>, layout: Layout, slots: number): Float64Array[] {
  const out = Array.from({ length: layout.ciphertexts }, () => new Float64Array(slots));
  for (let i = 0; i < layout.slotOf.length; i++) {
    const slot = layout.slotOf[i] as number;
    const target = out[Math.floor(slot / slots)] as Float64Array;
    for (let at = slot % slots; at < slots; at += layout.period) target[at] = values[i] as number;
  }
  return out;
}

/** The values that `spread` put there. */
export function collect(ciphertexts: readonly Float64Array[], layout: Layout, slots: number): Float64Array {
  return Float64Array.from(
    layout.slotOf,
    (slot) => ciphertexts[Math.floor(slot / slots)]?.[slot % slots] as number,
  );
}
