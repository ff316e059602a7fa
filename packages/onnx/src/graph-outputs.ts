/**
 * Outputs of the graph keep the names that the file gives them. Where an output is another name of an input, a constant
 * or another output, an Identity node carries the name.
 */
import type { GraphDraft, Value } from '@tacit/graph';
import { OnnxFormatError } from './errors.js';
import type { OnnxGraph } from './onnx-model.js';
import type { Quantizations } from './quantization.js';

export function bindOutputs(
  onnx: OnnxGraph,
  draft: GraphDraft,
  values: ReadonlyMap<string, Value>,
  quantizations: Quantizations,
  modelIssue: (reason: string) => void,
): { name: string }[] {
  if (onnx.outputs.length === 0)
    throw new OnnxFormatError('Not a valid ONNX model: its graph has no output.');
  const inputs = new Set(onnx.inputs.map(({ name }) => name));
  const outputs = new Set(onnx.outputs.map(({ name }) => name));
  return onnx.outputs.map(({ name }) => {
    const value = values.get(name);
    if (value === undefined)
      throw new OnnxFormatError(
        `Not a valid ONNX model: no node or input provides output ${JSON.stringify(name)}.`,
      );
    const refusal = quantizations.outputRefusal(value);
    if (refusal !== undefined) modelIssue(`output ${JSON.stringify(name)} ${refusal}`);
    if (value.name === name && value.kind === 'secret' && !value.weight) return { name };
    if (value.kind === 'public') modelIssue(`output ${JSON.stringify(name)} is a shape, not data`);
    else if (value.kind === 'secret' && !value.weight && !inputs.has(value.name) && !outputs.has(value.name))
      value.name = name;
    else draft.carry(name, value);
    return { name };
  });
}
