/**
 * Normalisation as exporters write it, in terms of inverse roots: x / sqrt(v) and x times the reciprocal of sqrt(v) become
 * a product with InvSqrt, which is made of the few variances and not of every element and keeps its precision where v is
 * large; a product with another reciprocal becomes a quotient, and the root of a sum of squares a norm, for the same reason.
 * What is left of a layer normalisation then, (x - mean) / sqrt(variance + epsilon), becomes Standardize.
 */
import { GraphEditor } from '../graph/editor.js';
import type { GraphNode, ModelGraph } from '../graph/graph.js';
import { numbersOf } from '../plain/numbers.js';
import { at } from '../shape/dims.js';

/**
 * Merges the operations of normalisations. Only what depends on inputs is touched: all else is computed beforehand.
 * @param graph any graph
 * @returns the merged graph
 * @example const merged = mergeNormalization(graph);
 */
export function mergeNormalization(graph: ModelGraph): ModelGraph {
  const editor = new GraphEditor(graph);
  const given = dependent(graph);
  const secret = (op: GraphNode['op']) =>
    editor.nodes.filter((node) => node.op === op && given.has(at(node.inputs, 0)));
  for (const root of secret('Sqrt')) invertRoot(editor, root, given);
  for (const root of secret('Sqrt')) rootOfSquares(editor, root);
  for (const reciprocal of secret('Reciprocal')) divideInstead(editor, reciprocal);
  for (const node of editor.nodes) {
    const standardized = asStandardize(editor, node);
    if (standardized) editor.replace(node, standardized);
  }
  return editor.finish();
}

/** The values that depend on an input of the graph. */
function dependent({ inputs, nodes }: ModelGraph): ReadonlySet<string> {
  const names = new Set(inputs.map(({ name }) => name));
  for (const node of nodes)
    if (node.inputs.some((name) => names.has(name))) for (const name of node.outputs) names.add(name);
  return names;
}

const isDivisor = (node: GraphNode, value: string): boolean =>
  node.op === 'Div' && !node.attributes.integer && node.inputs[1] === value && node.inputs[0] !== value;

/** Constants over a root stay quotients: a product of theirs with an inverse root has the bits of that at rest only. */
function invertRoot(editor: GraphEditor, root: GraphNode, given: ReadonlySet<string>): void {
  const value = at(root.outputs, 0);
  for (const user of editor.users(value))
    if (user.op === 'Reciprocal' || (isDivisor(user, value) && isOne(editor, at(user.inputs, 0))))
      editor.replace(user, { ...user, op: 'InvSqrt', inputs: root.inputs, attributes: {} });
  const users = editor.users(value);
  const inverted = users.every((user) => isDivisor(user, value) && given.has(at(user.inputs, 0)));
  if (users.length === 0 || editor.isOutput(value) || !inverted) return;
  editor.replace(root, { ...root, op: 'InvSqrt', attributes: {} });
  for (const user of users) editor.replace(user, { ...user, op: 'Mul', attributes: {} });
}

/**
 * The root of a sum of squares as a norm, and that of the product of two such sums, as cosines are written, as the product of
 * two norms: sums of squares, and their product, leave the range where norms do not.
 */
function rootOfSquares(editor: GraphEditor, root: GraphNode): void {
  const made = editor.producer(at(root.inputs, 0));
  const norm = made && normOf(editor, made);
  if (norm) {
    editor.replace(root, { ...norm, name: root.name, outputs: root.outputs });
    return;
  }
  if (made?.op !== 'Mul' || editor.soleUser(at(made.outputs, 0)) !== root) return;
  const sums = made.inputs.map((name) => editor.soleUser(name) === made && editor.producer(name));
  const norms = sums.map((sum) => sum && normOf(editor, sum));
  if (!norms.every((each) => each)) return;
  sums.forEach((sum, i) => {
    const each = norms[i];
    if (sum && each) editor.replace(sum, each);
  });
  editor.replace(root, { ...root, op: 'Identity', attributes: {} });
}

/** A sum of squares as the norm in its place. */
function normOf(editor: GraphEditor, sum: GraphNode): GraphNode | undefined {
  if (sum.op === 'ReduceSumSquare') return { ...sum, op: 'ReduceL2' };
  const x = sum.op === 'ReduceSum' ? squared(editor, at(sum.inputs, 0)) : undefined;
  return x === undefined || sum.op !== 'ReduceSum' ? undefined : { ...sum, op: 'ReduceL2', inputs: [x] };
}

/** x where the value is its square. */
function squared(editor: GraphEditor, value: string): string | undefined {
  const node = editor.producer(value);
  const isSquare = node?.op === 'Square' || (node?.op === 'Mul' && node.inputs[0] === node.inputs[1]);
  return isSquare ? at(node.inputs, 0) : undefined;
}

/** x times 1 / y as x / y, where nothing else uses 1 / y. */
function divideInstead(editor: GraphEditor, reciprocal: GraphNode): void {
  const value = at(reciprocal.outputs, 0);
  const users = editor.users(value);
  const factors = users.map(({ op, inputs }) =>
    op === 'Mul' ? inputs.filter((name) => name !== value) : [],
  );
  if (editor.isOutput(value) || factors.some(({ length }) => length !== 1)) return;
  users.forEach((user, i) => {
    const inputs = [at(factors, i)[0] as string, at(reciprocal.inputs, 0)];
    editor.replace(user, { ...user, op: 'Div', inputs, attributes: { integer: false } });
  });
}

function asStandardize(editor: GraphEditor, product: GraphNode): GraphNode | undefined {
  if (product.op !== 'Mul') return undefined;
  const [a, b] = product.inputs.map((name) => editor.producer(name));
  for (const [left, right] of [
    [a, b],
    [b, a],
  ]) {
    const centred = centredOf(editor, left);
    const variance = right?.op === 'InvSqrt' ? varianceOf(editor, at(right.inputs, 0)) : undefined;
    if (centred && variance && sameCentre(centred, variance)) {
      const { x, axes } = centred;
      const attributes = { axes, epsilon: variance.epsilon };
      return { ...product, op: 'Standardize', inputs: [x], attributes };
    }
  }
  return undefined;
}

interface Centred {
  readonly x: string;
  /** In ascending order. */
  readonly axes: readonly number[];
}

const sameCentre = (a: Centred, b: Centred): boolean =>
  a.x === b.x && a.axes.length === b.axes.length && a.axes.every((axis, i) => axis === b.axes[i]);

/** x - mean(x), the axes of the mean staying. */
function centredOf(editor: GraphEditor, node: GraphNode | undefined): Centred | undefined {
  if (node?.op !== 'Sub') return undefined;
  const x = at(node.inputs, 0);
  const mean = meanOf(editor, at(node.inputs, 1));
  return mean?.x === x ? mean : undefined;
}

/** mean(y) with its axes staying. */
function meanOf(editor: GraphEditor, value: string): Centred | undefined {
  const node = editor.producer(value);
  if (node?.op !== 'ReduceMean' || !node.attributes.keepDims) return undefined;
  return { x: at(node.inputs, 0), axes: [...node.attributes.axes].sort((a, b) => a - b) };
}

/** mean(square(x - mean(x))) + epsilon, all along the same axes. */
function varianceOf(
  editor: GraphEditor,
  value: string,
): (Centred & { readonly epsilon: number }) | undefined {
  const sum = editor.producer(value);
  if (sum?.op !== 'Add') return undefined;
  for (const [i, j] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const epsilon = smallNumber(editor, at(sum.inputs, j));
    const mean = meanOf(editor, at(sum.inputs, i));
    const difference = mean && squared(editor, mean.x);
    const centred = difference && centredOf(editor, editor.producer(difference));
    if (epsilon !== undefined && centred && mean && sameCentre(centred, { ...mean, x: centred.x }))
      return { ...centred, epsilon };
  }
  return undefined;
}

/** The value of a parameter that is one number. */
function numberOf(editor: GraphEditor, name: string): number | undefined {
  const parameter = editor.parameters.get(name);
  if (!parameter || parameter.shape.length > 1) return undefined;
  const numbers = numbersOf(parameter);
  return numbers.length === 1 ? numbers[0] : undefined;
}

const isOne = (editor: GraphEditor, name: string): boolean => numberOf(editor, name) === 1;

/** An epsilon: Standardize takes none below 0. */
function smallNumber(editor: GraphEditor, name: string): number | undefined {
  const value = numberOf(editor, name);
  return value !== undefined && value >= 0 ? value : undefined;
}
