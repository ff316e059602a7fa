/**
 * A stub: an ONNX file with the inputs and outputs of a model and none of its weights, which stands for a model that is served
 * elsewhere.
 *
 * It holds one node, `ai.tacit.PrivateModel`, from all inputs to all outputs. A file without a node would have outputs that
 * nothing makes, which runtimes refuse with words about a broken graph, and viewers draw as loose ends. A node of an operator
 * set of its own passes the checker of ONNX, which leaves sets that it does not know alone; is drawn as one box with the
 * right edges; and is refused by every runtime that does not know it with its name, so that nobody computes anything else
 * by mistake.
 */
import { ArgumentError } from '@tacit/errors';
import { encodeOnnx } from '@tacit/onnx';
import { type DeclaredSlot, readModelFile } from './model-file.js';

/** Entries of `metadata_props`: that the file is a stub, and of which version; an invite; what the model is called. */
export const STUB_ENTRY = 'tacit.stub';
export const INVITE_ENTRY = 'tacit.invite';
export const NAME_ENTRY = 'tacit.model';
export const STUB_VERSION = '1';
/** Operator set of the node of stubs, and the node. */
export const STUB_DOMAIN = 'ai.tacit';
export const STUB_OPERATOR = 'PrivateModel';

/** What a stub says. */
export interface StubOptions {
  /**
   * By which the model is asked: `tacit:1:…`. Whoever has the stub has the invite then, and may ask, within its quota.
   * Default: none, so that programs give it.
   */
  readonly invite?: string;
  /** What the model is called, for programs that have invites to several. */
  readonly name?: string;
  /**
   * Whether sizes of inputs and outputs are told as the model declares them. With false only the ranks are, and each size is
   * open. Default true.
   */
  readonly keepShapes?: boolean;
}

const INVITE = /^tacit:\S+$/;
const LONGEST_INVITE = 16_384;

/**
 * Whether a text has the form of an invite. What it says is read by whoever connects.
 * @param text the text
 * @returns true where it begins as one and has no blanks in it
 */
export const looksLikeInvite = (text: string): boolean => text.length <= LONGEST_INVITE && INVITE.test(text);

/**
 * The stub of a model.
 * @param model the bytes of its ONNX file, of any size; data in other files are not needed
 * @param options the invite, a name, and what is told of sizes
 * @returns the bytes of a valid ONNX file with the same inputs and outputs: names, types, shapes; nothing else of the model
 * @throws OnnxFormatError (`MODEL_FORMAT`) where it is not an ONNX model; ArgumentError for an invite that is none, a model
 * without outputs, or with inputs that are no tensors
 * @example await writeFile('stub.onnx', stubOf(await readFile('model.onnx'), { invite }));
 */
export function stubOf(model: Uint8Array, options: StubOptions = {}): Uint8Array {
  const { invite, name: called, keepShapes = true } = options;
  if (invite !== undefined && !looksLikeInvite(invite))
    throw new ArgumentError('an invite begins with "tacit:" and has no blanks in it');
  const { inputs, outputs, opset = 17 } = readModelFile(model);
  if (outputs.length === 0) throw new ArgumentError('the model has no outputs');
  const slot = ({ name, type, shape }: DeclaredSlot) => {
    if (type === undefined || name === '')
      throw new ArgumentError(`${JSON.stringify(name)} of the model is not a dense tensor with a name`);
    const open = shape?.map((_, axis) => `${name}.${axis}`);
    return { name, type, shape: keepShapes ? shape : open };
  };
  const [ins, outs] = [inputs.map(slot), outputs.map(slot)];
  const names = [...ins, ...outs].map(({ name }) => name);
  if (new Set(names).size < names.length)
    throw new ArgumentError(`two inputs or outputs of the model have one name: ${names.join(', ')}`);
  return encodeOnnx({
    opset,
    name: 'private',
    domains: { [STUB_DOMAIN]: 1 },
    metadata: {
      [STUB_ENTRY]: STUB_VERSION,
      ...(called !== undefined && { [NAME_ENTRY]: called }),
      ...(invite !== undefined && { [INVITE_ENTRY]: invite }),
    },
    inputs: ins,
    outputs: outs,
    initializers: new Map(),
    nodes: [
      {
        op: STUB_OPERATOR,
        domain: STUB_DOMAIN,
        name: 'private',
        inputs: ins.map(({ name }) => name),
        outputs: outs.map(({ name }) => name),
        attributes: {},
      },
    ],
  });
}
