/**
 * Attention without a softmax: a state of keys times values that each token updates and each query reads. Without decays
 * and corrections all tokens are read at once, in two products; else the state is computed token by token.
 */
import { isNumeric, plainTensor, show, type Value } from '@tacit/graph';
import type { NodeContext } from '../node-context.js';
import { MAX_OPSET, type OnnxOperator } from '../operator.js';

const RULES = ['linear', 'gated', 'delta', 'gated_delta'] as const;

/** Sizes, and heads of queries for each head of keys. */
interface Sizes {
  readonly tokens: number;
  readonly heads: number;
  readonly group: number;
  readonly width: number;
}

export const linearAttentionOnnx: OnnxOperator = {
  name: 'LinearAttention',
  opsets: [27, MAX_OPSET],
  note: 'known sizes; update_rule linear (two products), gated, delta, gated_delta (unrolled)',
  convert(context) {
    context.ignore('chunk_size');
    const rule = context.string('update_rule', 'gated_delta');
    if (!RULES.some((known) => known === rule)) context.fail(`update_rule ${JSON.stringify(rule)}`);
    const [queryHeads, heads] = [context.int('q_num_heads', 0), context.int('kv_num_heads', 0)];
    if (heads < 1 || queryHeads < 1 || queryHeads % heads !== 0)
      context.fail(`${queryHeads} heads of queries for ${heads} of keys`);
    const known = context.shape(context.input(0)).slice(1);
    if (!isNumeric(known) || known.length !== 2)
      return context.fail(`the sizes ${show(known)} of the queries must be known`);
    const [tokens, packed] = known as unknown as readonly [number, number];
    const sizes = { tokens, heads, group: queryHeads / heads, width: packed / queryHeads };
    const given = context.float('scale', 0);
    const scale = given === 0 ? 1 / Math.sqrt(sizes.width) : given;
    const scaled = context.emit(
      'Mul',
      [context.input(0), context.makeConstant('scale', plainTensor([], [scale]))],
      {},
    );
    const queries = perHead(context, scaled, [tokens, heads, sizes.group, -1], [0, 2, 1, 3, 4]);
    const [keys, values] = [context.input(1), context.input(2)].map((x) =>
      perHead(context, x, [tokens, heads, -1], [0, 2, 1, 3]),
    ) as [Value, Value];
    const [y, state] =
      rule === 'linear'
        ? atOnce(context, queries, keys, values, sizes)
        : byToken(context, rule, queries, keys, values, sizes);
    // [batch, heads, tokens, group, width] as [batch, tokens, everything else].
    const back = context.emit('Transpose', [y], { perm: [0, 2, 1, 3, 4] });
    context.result(context.emit('Reshape', [back], { shape: [0, tokens, -1], allowZero: false }));
    context.forward(state, 1);
  },
};

function perHead(context: NodeContext, x: Value, shape: readonly number[], perm: readonly number[]): Value {
  const split = context.emit('Reshape', [x], { shape: [0, ...shape], allowZero: false });
  return context.emit('Transpose', [split], { perm });
}

const transposed = (context: NodeContext, x: Value) => context.emit('Transpose', [x], { perm: [0, 1, 3, 2] });

/** What the past reads, and what each query reads of the tokens up to its own. */
function atOnce(
  context: NodeContext,
  queries: Value,
  keys: Value,
  values: Value,
  { tokens, heads, group, width }: Sizes,
): readonly [Value, Value] {
  const rows = context.emit('Reshape', [queries], {
    shape: [0, heads, tokens * group, width],
    allowZero: false,
  });
  const scores = context.emit('MatMul', [rows, transposed(context, keys)], {});
  context.checkCount(tokens * tokens * group, 'the mask');
  const upTo = Float64Array.from({ length: tokens * group * tokens }, (_, i) =>
    i % tokens <= Math.floor(i / tokens / group) ? 1 : 0,
  );
  const mask = context.makeConstant('mask', { shape: [tokens * group, tokens], data: upTo });
  const seen = tokens === 1 ? scores : context.emit('Mul', [scores, mask], {});
  const own = context.emit('MatMul', [seen, values], {});
  const past = context.optional(3);
  const y = past ? context.emit('Add', [own, context.emit('MatMul', [rows, past], {})], {}) : own;
  const added = context.emit('MatMul', [transposed(context, keys), values], {});
  return [
    context.emit('Reshape', [y], { shape: [0, heads, tokens, group, -1], allowZero: false }),
    past ? context.emit('Add', [past, added], {}) : added,
  ];
}

function byToken(
  context: NodeContext,
  rule: string,
  queries: Value,
  keys: Value,
  values: Value,
  { tokens, heads }: Sizes,
): readonly [Value, Value] {
  const decays = rule.startsWith('gated') ? readDecays(context, tokens, heads) : undefined;
  const rates = rule.endsWith('delta')
    ? perHead(context, context.input(5), [tokens, -1, 1], [0, 2, 1, 3])
    : undefined;
  /** Of one token, with an axis of one in its place. */
  const of = (x: Value, t: number) =>
    context.emit('Slice', [x], { axes: [2], starts: [t], ends: [t + 1], steps: [1] });
  let state = context.optional(3);
  const read: Value[] = [];
  for (let t = 0; t < tokens; t++) {
    const [key, value] = [of(keys, t), of(values, t)];
    if (state && decays) state = context.emit('Mul', [state, transposed(context, of(decays, t))], {});
    const wrong = state && rates ? context.emit('MatMul', [key, state], {}) : undefined;
    const change = wrong ? context.emit('Sub', [value, wrong], {}) : value;
    const rated = rates ? context.emit('Mul', [change, of(rates, t)], {}) : change;
    const added = context.emit('MatMul', [transposed(context, key), rated], {});
    state = state ? context.emit('Add', [state, added], {}) : added;
    const query = context.emit('Squeeze', [of(queries, t)], { axes: [2] });
    read.push(context.emit('Unsqueeze', [context.emit('MatMul', [query, state], {})], { axes: [2] }));
  }
  if (state === undefined) return context.fail('there is no token');
  const y = read.length === 1 ? (read[0] as Value) : context.emit('Concat', read, { axis: 2 });
  return [y, state];
}

/** The factors by which the state decays, [batch, heads, tokens, width or 1]. */
function readDecays(context: NodeContext, tokens: number, heads: number): Value {
  const split = perHead(context, context.input(4), [tokens, heads, -1], [0, 2, 1, 3]);
  return context.emit('Exp', [split], {});
}
