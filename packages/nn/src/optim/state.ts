/** What an optimiser was at a step: public numbers, and the secret tensors that it keeps for parameters. */
import { ArgumentError } from '@tacit/errors';
import { CrypTensor } from '@tacit/tensor';
import type { Parameter } from '../parameter.js';

/** What is public about an optimiser's state for one parameter. */
export interface ParameterState {
  /** What the layer calls it, such as 'weight'. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Steps so far. */
  readonly steps: number;
}

/** The state of an optimiser. */
export interface OptimizerState {
  /** Which optimiser it is of, such as 'SGD'. */
  readonly optimizer: string;
  readonly lr: number;
  /** Of each parameter, in the optimiser's order. */
  readonly parameters: readonly ParameterState[];
  /** Secret tensors: the place of the parameter, a point and a name, such as '0.velocity'. */
  readonly slots: Readonly<Record<string, CrypTensor>>;
}

/** Secret tensors that an optimiser keeps for a parameter, by name. */
export type Slots = Record<string, CrypTensor>;

/**
 * Checks that a state is one of such an optimiser of such parameters, and sorts its tensors.
 * @param given any value
 * @param name name of the optimiser
 * @param parameters its parameters
 * @returns the state, and the tensors of each parameter by name
 * @throws ArgumentError that names the first difference
 */
export function slotsOf(
  given: OptimizerState | CrypTensor,
  name: string,
  parameters: readonly Parameter[],
): { known: OptimizerState; slots: Slots[] } {
  if (typeof given !== 'object' || given === null || given instanceof CrypTensor)
    throw new ArgumentError("loadState takes what an optimiser's stateDict() gave");
  const state: OptimizerState = given;
  const fail = (what: string): never => {
    throw new ArgumentError(`the state of an optimiser is that of another one: ${what}; nothing was loaded`);
  };
  if (state.optimizer !== name) fail(`of ${String(state.optimizer)}, not ${name}`);
  if (!(typeof state.lr === 'number' && state.lr >= 0 && Number.isFinite(state.lr)))
    fail(`its learning rate is ${String(state.lr)}`);
  if (!Array.isArray(state.parameters) || typeof state.slots !== 'object' || state.slots === null)
    fail('it has no parameters or no slots');
  if (state.parameters.length !== parameters.length)
    fail(`it has ${state.parameters.length} parameters, not ${parameters.length}`);
  parameters.forEach(({ shape, name: own }, i) => {
    const { name: called, shape: found, steps } = state.parameters[i] ?? {};
    if (called !== own) fail(`parameter ${i} is '${own}', not '${String(called)}'`);
    if (String(found) !== String(shape))
      fail(`parameter ${i}, '${own}', has the shape [${shape}], not [${found}]`);
    if (!Number.isSafeInteger(steps) || steps < 0) fail(`parameter ${i} has had ${String(steps)} steps`);
  });
  const sorted = parameters.map((): Slots => ({}));
  for (const [key, tensor] of Object.entries(state.slots)) {
    const [, place, slot] = /^(\d+)\.(.+)$/.exec(key) ?? fail(`it has a slot '${key}'`);
    const parameter = parameters[Number(place)] ?? fail(`it has a slot '${key}'`);
    if (!(tensor instanceof CrypTensor)) fail(`'${key}' is not a secret tensor`);
    if (String(tensor.shape) !== String(parameter.shape))
      fail(`'${key}' has the shape [${tensor.shape}], not [${parameter.shape}]`);
    if (parameter.encrypted && tensor.context !== parameter.operand.context)
      fail(`'${key}' is a tensor of another party or session`);
    sorted[Number(place)][slot] = tensor;
  }
  return { known: state, slots: sorted };
}
