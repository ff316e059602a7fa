/**
 * Quantised values. In fixed point a value stays what it stands for: rounding to the grid of a quantisation, which would
 * cost a comparison for each bit, is left out, and only its limits are kept. So an integer q of the file is held as
 * (q - zero) scale, without being whole, and only operators that know this may take it.
 */
import type { GraphDraft, PlainTensor, Value } from '@tacit/graph';
import type { OnnxNode } from './onnx-model.js';

/** The numbers (q - zero) scale; one number each, or of a shape that broadcasts to the values. */
export interface Grid {
  readonly scale: PlainTensor;
  readonly zero: PlainTensor;
}

export interface Quantized extends Grid {
  /** What the integers stand for. */
  readonly of: Value;
}

/** Operators that know of quantised operands. */
const TAKES: ReadonlySet<string> = new Set([
  'Cast',
  'ConvInteger',
  'DequantizeLinear',
  'MatMulInteger',
  'QLinearConv',
  'QLinearMatMul',
  'Shape',
  'Size',
]);
/** Those that only move elements, or take the largest: on integers as on what they stand for. */
const MOVES: ReadonlySet<string> = new Set([
  'Concat',
  'DepthToSpace',
  'Expand',
  'Flatten',
  'Gather',
  'Identity',
  'MaxPool',
  'Reshape',
  'Slice',
  'SpaceToDepth',
  'Split',
  'Squeeze',
  'Tile',
  'Transpose',
  'Unsqueeze',
]);

const same = (a: PlainTensor, b: PlainTensor): boolean =>
  a.data.length === b.data.length && a.data.every((v, i) => v === b.data[i]);

/** Whether two grids are the same. */
export const sameGrid = (a: Grid, b: Grid): boolean => same(a.scale, b.scale) && same(a.zero, b.zero);

/** What is known of the values of a model beside the graph: which are quantised, and the element types of constants. */
export class Quantizations {
  readonly #quantized = new Map<Value, Quantized>();
  readonly #types = new Map<Value, number>();
  readonly #standIns = new Set<Value>();
  /** Values whose rounding is left out. */
  count = 0;

  /** The quantisation of a value, if it has one. */
  of(value: Value): Quantized | undefined {
    return this.#quantized.get(value);
  }

  /** The number of an element type, as the file gives it for a constant. */
  typeOf(value: Value): number | undefined {
    return this.#types.get(value);
  }

  noteType(value: Value, dataType: number): void {
    this.#types.set(value, dataType);
  }

  /** Notes a constant that stands for a scale or zero point that the model would compute: right in what follows only. */
  standIn(value: Value): void {
    this.#standIns.add(value);
  }

  /** Why a value cannot be an output of the model; undefined if it can. */
  outputRefusal(value: Value): string | undefined {
    if (this.of(value)) return 'is quantised: end with a DequantizeLinear';
    return this.#standIns.has(value) ? 'is part of a quantisation that is not made' : undefined;
  }

  /** A new value, which stands for integers on a grid. */
  quantize(draft: GraphDraft, base: string, of: Value, { scale, zero }: Grid): Value {
    const value =
      of.kind === 'constant'
        ? draft.constant(draft.uniqueName(base), 'int', of.tensor)
        : draft.emit(base, 'Identity', [of], {}, 'int');
    this.#quantized.set(value, { scale, zero, of });
    return value;
  }

  /** Why a node cannot take its operands; undefined if it can. */
  refusal(node: OnnxNode, values: ReadonlyMap<string, Value>): string | undefined {
    if (node.domain === '' && TAKES.has(node.opType)) return undefined;
    const inputs = node.inputs.map((name) => values.get(name));
    const found = inputs.map((value) => value && this.of(value));
    const index = found.findIndex((quantized) => quantized !== undefined);
    const first = found[index];
    if (first === undefined) return undefined;
    const name = JSON.stringify(node.inputs[index]);
    if (node.domain !== '' || !MOVES.has(node.opType))
      return `${name} is quantised: only a DequantizeLinear, or an operator of quantised values, can follow`;
    if (first.scale.data.length > 1 || first.zero.data.length > 1)
      return `${name} is quantised with a scale for each part: a DequantizeLinear must follow`;
    if (node.opType === 'Concat' && !found.every((other) => other !== undefined && sameGrid(first, other)))
      return 'its inputs are not quantised alike';
    return undefined;
  }

  /** Marks what a node has made of quantised operands by moving them. */
  carry(node: OnnxNode, values: Map<string, Value>, draft: GraphDraft): void {
    if (node.domain !== '' || !MOVES.has(node.opType)) return;
    const first = values.get(node.inputs[0] ?? '');
    const grid = first && this.of(first);
    if (grid === undefined) return;
    for (const name of node.outputs) {
      const made = values.get(name);
      if (made === undefined || made.shape === undefined) continue;
      const known = this.of(made);
      values.set(name, this.quantize(draft, `${name}:quantized`, known?.of ?? made, grid));
    }
  }
}
