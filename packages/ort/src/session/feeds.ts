/** What a program gives to a model, checked against what the model declares before anything of it is sent. */
import { InputShapeError } from '@tacit/graph';
import type { TensorLike } from '../client.js';
import { FeedTypeError } from '../errors.js';
import type { StubSlot } from '../stub/read-stub.js';
import { dataOf, kindOf, numbersIn } from '../tensors/element-types.js';
import { readTensor } from '../tensors/read-tensor.js';

/**
 * Reads and checks all inputs. Elements are copied, so that a program may change its arrays as soon as this is done.
 * @param declared the inputs of the model
 * @param feeds what was given, by name
 * @returns every input with the type that the model declares; other widths of the same kind are converted
 * @throws InputShapeError (`INPUT_SHAPE`) for an input that is missing, unknown, or of another shape; FeedTypeError
 * (`INPUT_DTYPE`) for another kind of element; as `readTensor`
 */
export async function readFeeds(
  declared: readonly StubSlot[],
  feeds: Readonly<Record<string, unknown>>,
): Promise<Record<string, TensorLike>> {
  const names = declared.map(({ name }) => name);
  for (const name of Object.keys(feeds))
    if (!names.includes(name))
      throw new InputShapeError(
        name,
        undefined,
        undefined,
        `the model has no such input, but ${names.join(', ')}`,
      );
  const sizes = new Map<string, number>();
  const read: Record<string, TensorLike> = {};
  for (const slot of declared) {
    if (feeds[slot.name] === undefined) throw new InputShapeError(slot.name, slot.shape, undefined);
    const tensor = await readTensor(slot.name, feeds[slot.name]);
    checkShape(slot, tensor.dims, sizes);
    read[slot.name] = converted(slot, tensor);
  }
  return read;
}

/** `sizes`: those of open ones that are known already, by their names. */
function checkShape({ name, shape }: StubSlot, dims: readonly number[], sizes: Map<string, number>): void {
  if (!shape) return;
  if (shape.length !== dims.length) throw new InputShapeError(name, shape, dims);
  shape.forEach((size, axis) => {
    const given = dims[axis];
    const expected = typeof size === 'number' ? size : (sizes.get(size) ?? given);
    if (given !== expected)
      throw new InputShapeError(
        name,
        shape,
        dims,
        typeof size === 'string' ? `${size} is ${expected} elsewhere` : '',
      );
    if (typeof size === 'string') sizes.set(size, given);
  });
}

function converted({ name, type }: StubSlot, tensor: TensorLike): TensorLike {
  const kind = kindOf(type);
  if (kind === 'other' || kindOf(tensor.type) !== kind)
    throw new FeedTypeError(`input ${JSON.stringify(name)} takes ${type} and was given ${tensor.type}`);
  const { dims } = tensor;
  // Wide integers stay what they are: doubles do not hold all of them.
  if (type === 'int64' && tensor.data instanceof BigInt64Array)
    return { type, dims, data: tensor.data.slice() };
  return { type, dims, data: dataOf(type, numbersIn(tensor.type, tensor.data)) };
}
