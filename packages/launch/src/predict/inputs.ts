/** The inputs of a model: each is read by its owner, who tells the others its shape. */
import { type NpyDtype, npyNumbers, parseNpy, readWhole } from '@tacit/files';
import type { InputSlot } from '@tacit/graph';
import { EncodeRangeError } from '@tacit/ring';
import { InputDtypeError, LaunchOptionsError, ModelInterfaceError } from '../errors.js';
import type { LaunchedParty } from '../launched-party.js';
import type { NamedFile, PredictArguments } from './messages.js';

/** An input that is there. */
export interface Input {
  /** Rank of its owner. */
  readonly src: number;
  readonly shape: readonly number[];
  /** At its owner only. */
  readonly values: Float64Array | undefined;
}

/**
 * Reads this party's inputs and learns the shapes of all others'.
 * @param expected the model's inputs
 * @returns the inputs in the order of the model's
 */
export async function gatherInputs(
  party: LaunchedParty,
  expected: readonly InputSlot[],
  task: PredictArguments,
): Promise<Input[]> {
  const files = filesOf(expected, task.inputs);
  const { fractionBits } = party.engine.config;
  const own = await Promise.all(
    files.map(({ file, owner }, i) =>
      party.rank === owner ? readInput(file, expected[i], task.inputRange, fractionBits) : undefined,
    ),
  );
  // In one order at all parties.
  return Promise.all(
    files.map(async ({ owner: src }, i) => ({
      src,
      values: own[i]?.values,
      shape: await party.announce<readonly number[]>(own[i]?.shape, { src }),
    })),
  );
}

/** The file of each input. */
function filesOf(expected: readonly { readonly name: string }[], files: readonly NamedFile[]): NamedFile[] {
  const names = expected.map(({ name }) => name);
  const listed = names.join(', ');
  for (const { name } of files) {
    if (name === undefined && names.length !== 1)
      throw new ModelInterfaceError(
        `the model has ${names.length} inputs (${listed}); give a file for each by name (--input NAME=FILE.npy)`,
      );
    if (name !== undefined && !names.includes(name))
      throw new ModelInterfaceError(`the model has no input '${name}'; it has ${listed}`);
  }
  return names.map((name) => {
    const [file, ...others] = files.filter((given) => (given.name ?? name) === name);
    if (file === undefined)
      throw new ModelInterfaceError(`no file is given for the input '${name}'; the model has ${listed}`);
    if (others.length > 0) throw new ModelInterfaceError(`two files are given for the input '${name}'`);
    return file;
  });
}

/**
 * Inputs must be below 2^20 in magnitude. More can be encoded, but the sums of a layer must stay below 2^30 (2^29 where
 * weights are shared), which no party can check in private: that leaves weights and sums a factor of 500 to 1,000.
 */
const INPUT_BITS = 20;

/** Numbers with fractions are taken everywhere, others where the model declares them. */
const takes = ({ type }: InputSlot, dtype: NpyDtype): boolean =>
  dtype === 'float32' || dtype === 'float64' || type === 'int' || (type === 'bool' && dtype === 'bool');

/** Reads an input at its owner. */
async function readInput(
  path: string,
  slot: InputSlot,
  inputRange: readonly [low: number, high: number] | undefined,
  fractionBits: number,
): Promise<{ readonly shape: readonly number[]; readonly values: Float64Array }> {
  const array = parseNpy(await readWhole(path));
  if (!takes(slot, array.dtype)) throw new InputDtypeError(path, array.dtype, slot);
  const values = npyNumbers(array);
  const index = values.findIndex((v) => !(Math.abs(v) < 2 ** INPUT_BITS));
  if (index >= 0) throw new EncodeRangeError(index, values[index], fractionBits, INPUT_BITS);
  if (inputRange) {
    const outside = values.findIndex((v) => v < inputRange[0] || v > inputRange[1]);
    if (outside >= 0)
      throw new LaunchOptionsError(
        `${path} has ${values[outside]} at index ${outside}, outside of the stated range ${inputRange.join(' to ')}`,
      );
  }
  return { shape: array.shape, values };
}
