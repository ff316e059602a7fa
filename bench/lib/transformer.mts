/** Transformers as exporters write them: LayerNormalization and Gelu written out as of operator set 17. */
import { INT64, RandomGraph } from './random-graph.mts';

/** Tokens of the input. */
export const TOKENS = 64;

export interface TransformerShape {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly vocabulary: number;
  readonly causal: boolean;
  readonly classes: number;
}

/** A transformer of random weights that reads `TOKENS` tokens. */
export function transformer(shape: TransformerShape): Uint8Array {
  const { layers, width, heads, vocabulary, causal, classes } = shape;
  const graph = new RandomGraph();
  const node: RandomGraph['node'] = (...args) => graph.node(...args);
  const half = graph.given('half', [], [0.5]);
  const one = graph.given('one', [], [1]);
  const root = graph.given('root', [], [Math.SQRT2]);
  const scale = graph.given('scale', [], [Math.sqrt(width / heads)]);
  const split = graph.given('split', [4], [1, TOKENS, heads, width / heads], INT64);
  const join = graph.given('join', [3], [1, TOKENS, width], INT64);
  const linear = (x: string, name: string, from: number, to: number) =>
    node('Add', [
      node('MatMul', [x, graph.constant(`${name}.w`, [from, to], 1 / Math.sqrt(from))]),
      graph.constant(`${name}.b`, [to], 0.02),
    ]);
  const norm = (x: string, name: string) =>
    node('LayerNormalization', [
      x,
      graph.constant(`${name}.g`, [width], 0.02, 1),
      graph.constant(`${name}.b`, [width], 0.02),
    ]);
  const gelu = (x: string) =>
    node('Mul', [node('Mul', [x, node('Add', [node('Erf', [node('Div', [x, root])]), one])]), half]);
  const mask = graph.given(
    'mask',
    [1, 1, TOKENS, TOKENS],
    Array.from({ length: TOKENS * TOKENS }, (_, i) =>
      causal && i % TOKENS > Math.floor(i / TOKENS) ? -3.4e38 : 0,
    ),
  );
  const attention = (x: string, name: string) => {
    const head = (part: string, perm: number[]) =>
      node('Transpose', [node('Reshape', [linear(x, `${name}.${part}`, width, width), split])], {
        perm: { ints: perm },
      });
    const scores = node('Div', [node('MatMul', [head('q', [0, 2, 1, 3]), head('k', [0, 2, 3, 1])]), scale]);
    const share = node('Softmax', [node('Add', [scores, mask])], { axis: { i: -1 } });
    const mixed = node('MatMul', [share, head('v', [0, 2, 1, 3])]);
    const flat = node('Reshape', [node('Transpose', [mixed], { perm: { ints: [0, 2, 1, 3] } }), join]);
    return linear(flat, `${name}.o`, width, width);
  };
  const feed = (x: string, name: string) =>
    linear(gelu(linear(x, `${name}.1`, width, 4 * width)), `${name}.2`, 4 * width, width);
  const table = graph.constant('words', [vocabulary, width], 1);
  let x = node('Add', [node('Gather', [table, 'ids']), graph.constant('places', [1, TOKENS, width], 0.3)]);
  if (!causal) x = norm(x, 'first');
  for (let i = 0; i < layers; i++)
    if (causal) {
      x = node('Add', [x, attention(norm(x, `${i}.n1`), `${i}.a`)]);
      x = node('Add', [x, feed(norm(x, `${i}.n2`), `${i}.f`)]);
    } else {
      x = norm(node('Add', [x, attention(x, `${i}.a`)]), `${i}.n1`);
      x = norm(node('Add', [x, feed(x, `${i}.f`)]), `${i}.n2`);
    }
  if (causal) x = norm(x, 'last');
  const last = graph.given('place', [], [causal ? TOKENS - 1 : 0], INT64);
  const place = node('Gather', [x, last], { axis: { i: 1 } });
  const head = graph.constant('head', [width, classes], 1 / Math.sqrt(width));
  node('MatMul', [place, head], undefined, 'logits');
  return graph.file(
    { name: 'ids', type: INT64, shape: [1, TOKENS] },
    { name: 'logits', shape: [1, classes] },
  );
}
