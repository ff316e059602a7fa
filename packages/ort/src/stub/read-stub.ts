/** Reading stubs, which come from somebody else: what is declared is checked, and a stub with weights is refused. */
import { OnnxFormatError } from '@tacit/onnx/protobuf';
import type { SlotInfo } from '../client.js';
import { StubError } from '../errors.js';
import { ortType } from '../tensors/element-types.js';
import { type DeclaredSlot, type ModelFile, readModelFile } from './model-file.js';
import { INVITE_ENTRY, looksLikeInvite, NAME_ENTRY, STUB_ENTRY, STUB_VERSION } from './stub-of.js';

/** An input or an output; undefined where the file does not even say the rank. */
export interface StubSlot extends Omit<SlotInfo, 'shape'> {
  readonly shape: SlotInfo['shape'] | undefined;
}

/** What a stub says. */
export interface Stub {
  /** By which the model is asked, where the stub has it: a secret. */
  readonly invite: string | undefined;
  /** What the model is called, where the stub says so. */
  readonly name: string | undefined;
  /** Types as onnxruntime-common calls them: float32, int64, … */
  readonly inputs: readonly StubSlot[];
  readonly outputs: readonly StubSlot[];
}

/** Larger files are no stubs. */
export const LARGEST_STUB = 2 ** 20;

/**
 * Inputs or outputs of a file, with the names of onnxruntime-common for types.
 * @param slots as the file declares them
 * @returns the same; a size that the file leaves open without a name gets one of its own
 * @throws OnnxFormatError where one is not a dense tensor of a known type
 */
export const slotsOf = (slots: readonly DeclaredSlot[]): StubSlot[] =>
  slots.map(({ name, type, shape }) => {
    if (type === undefined)
      throw new OnnxFormatError(`Not a valid stub: ${JSON.stringify(name)} is not a dense tensor.`);
    return { name, type: ortType(type), shape: shape?.map((size, axis) => size ?? `${name}.${axis}`) };
  });

/**
 * Whether a file says that it stands for a private model, rightly or not.
 * @param file what it declares
 * @returns true if an entry of its metadata says so
 */
export const claimsToBeStub = ({ metadata }: ModelFile): boolean =>
  metadata.has(STUB_ENTRY) || metadata.has(INVITE_ENTRY);

/**
 * Reads a stub.
 * @param bytes the file
 * @returns its inputs and outputs, and the invite and the name that it may have
 * @throws OnnxFormatError (`MODEL_FORMAT`) where it is not an ONNX model; StubError (`STUB_MISSING`) where it is no stub,
 * or one of a later version, (`STUB_WEIGHTS`) where there are weights in it
 * @example readStub(await readFile('stub.onnx')).inputs;
 */
export function readStub(bytes: Uint8Array): Stub {
  return stubFrom(readModelFile(bytes));
}

/**
 * The same of a file that was read.
 * @param file what it declares
 * @param given whether the program gives the invite, so that any file without weights will do
 * @returns what it says
 * @throws as `readStub`
 */
export function stubFrom(file: ModelFile, given = false): Stub {
  const { metadata, numbers, external } = file;
  const weights = numbers === 0 ? '' : external ? 'weights in another file' : `${numbers} numbers`;
  if (!claimsToBeStub(file) && !given)
    throw new StubError(
      'STUB_MISSING',
      `the file is not a stub: nothing in its metadata says that it stands for a private model${weights && `, and it holds ${weights}`}. Make one with: tacit stub MODEL.onnx`,
    );
  const version = metadata.get(STUB_ENTRY) ?? STUB_VERSION;
  if (version !== STUB_VERSION)
    throw new StubError('STUB_MISSING', `the stub is of version ${version}: update this program to read it`);
  const invite = metadata.get(INVITE_ENTRY);
  if (invite !== undefined && !looksLikeInvite(invite))
    throw new StubError(
      'STUB_MISSING',
      'the invite of the stub is none: it begins with "tacit:" and has no blanks in it',
    );
  if (weights)
    throw new StubError(
      'STUB_WEIGHTS',
      `the file stands for a private model and holds ${weights}: weights that are here are not private. Make a stub without them with: tacit stub MODEL.onnx`,
    );
  if (file.outputs.length === 0) throw new OnnxFormatError('Not a valid stub: it has no output.');
  return {
    invite,
    name: metadata.get(NAME_ENTRY),
    inputs: slotsOf(file.inputs),
    outputs: slotsOf(file.outputs),
  };
}
