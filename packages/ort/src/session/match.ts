/** Whether a stub stands for the model that its invite led to. */
import type { ModelInfo, SlotInfo } from '../client.js';
import { StubError } from '../errors.js';
import type { Stub, StubSlot } from '../stub/read-stub.js';
import { kindOf } from '../tensors/element-types.js';

/**
 * Checks that a model has the inputs and outputs of a stub.
 * @param stub what the program was written for
 * @param info what is served
 * @throws StubError (`STUB_MODEL`) that names the first difference: a name, a kind of element, a rank, a size that both know
 */
export function checkMatch(stub: Stub, info: ModelInfo): void {
  checkSlots('input', stub.inputs, info.inputs, info.name);
  checkSlots('output', stub.outputs, info.outputs, info.name);
}

function checkSlots(
  what: 'input' | 'output',
  mine: readonly StubSlot[],
  served: readonly SlotInfo[],
  model: string,
): void {
  const differ = (text: string) =>
    new StubError(
      'STUB_MODEL',
      `the stub is not of the model ${JSON.stringify(model)}, to which its invite leads: ${text}`,
    );
  // A program may leave outputs alone, but every input has to be there.
  for (const { name } of what === 'input' ? served : [])
    if (!mine.some((slot) => slot.name === name))
      throw differ(`the model has an input ${JSON.stringify(name)} more`);
  for (const slot of mine) {
    const other = served.find(({ name }) => name === slot.name);
    const label = `${what} ${JSON.stringify(slot.name)}`;
    if (!other) throw differ(`the model has no ${label}`);
    if (kindOf(other.type) !== kindOf(slot.type))
      throw differ(`${label} is ${other.type} there and ${slot.type} here`);
    const { shape } = slot;
    if (!shape) continue;
    const fits =
      shape.length === other.shape.length &&
      shape.every((size, axis) => {
        const there = other.shape[axis];
        return typeof size === 'string' || typeof there === 'string' || size === there;
      });
    if (!fits) throw differ(`${label} is [${other.shape.join(', ')}] there and [${shape.join(', ')}] here`);
  }
}
