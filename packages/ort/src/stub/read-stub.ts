/** Reading stubs, which come from somebody else: what is declared is checked, and a stub with weights is refused. */
import { OnnxFormatError } from '@tacit/onnx/protobuf';
import type { SlotInfo } from '../client.js';
import { StubError } from '../errors.js';
import { ortType } from '../tensors/element-types.js';
import { type DeclaredSlot, type ModelFile, readModelFile } from './model-file.js';
import { INVITE_ENTRY, looksLikeInvite } from './stub-of.js';

/** An input or an output; undefined where the file does not even say the rank. */
export interface StubSlot extends Omit<SlotInfo, 'shape'> {
  readonly shape: SlotInfo['shape'] | undefined;
}

/** What a stub says. */
export interface Stub {
  readonly invite: string;
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
 * @returns true if it has an entry with an invite
 */
export const claimsToBeStub = ({ metadata }: ModelFile): boolean => metadata.has(INVITE_ENTRY);

/**
 * Reads a stub.
 * @param bytes the file
 * @param invite in place of the one in the file, which may have none then
 * @returns its invite, inputs and outputs
 * @throws OnnxFormatError (`MODEL_FORMAT`) where it is not an ONNX model; StubError (`STUB_MISSING`) where there is no invite
 * in it, (`STUB_WEIGHTS`) where there are weights in it
 * @example readStub(await readFile('stub.onnx')).invite;
 */
export function readStub(bytes: Uint8Array, invite?: string): Stub {
  const file = readModelFile(bytes);
  const known = invite ?? file.metadata.get(INVITE_ENTRY);
  const weights =
    file.numbers > 0
      ? `, and it holds ${file.external ? 'weights in another file' : `${file.numbers} numbers`}`
      : '';
  if (known === undefined)
    throw new StubError(
      'STUB_MISSING',
      `the file is not a stub: it names no private model (no ${INVITE_ENTRY} in its metadata)${weights}. Make one with: tacit stub MODEL.onnx --invite …`,
    );
  if (!looksLikeInvite(known))
    throw new StubError(
      'STUB_MISSING',
      'the invite of the stub is none: it begins with "tacit:" and has no blanks',
    );
  if (weights !== '')
    throw new StubError(
      'STUB_WEIGHTS',
      `the file names a private model${weights}: weights that are here are not private. Make a stub without them with: tacit stub MODEL.onnx --invite …`,
    );
  if (file.outputs.length === 0) throw new OnnxFormatError('Not a valid stub: it has no output.');
  return { invite: known, inputs: slotsOf(file.inputs), outputs: slotsOf(file.outputs) };
}
