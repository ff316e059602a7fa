/**
 * Trees and forests of the operator set ai.onnx.ml: decision trees, random forests, gradient boosting. All nodes of all
 * trees are compared at once; then it goes down level by level, from whether a node is reached to whether its branches
 * are, one product a level for all trees; what the leaves say is a matrix product. Which column a node tests and the form
 * of the trees are the architecture, known to all; thresholds and what leaves say are weights.
 */
import { plainTensor, type Value } from '@tacit/graph';
import type { NodeContext } from '../../node-context.js';
import { ALL_OPSETS, CLASSICAL, type OnnxOperator } from '../../operator.js';
import {
  type ClassLabels,
  classLabels,
  labelOf,
  labelOfTwo,
  markProbabilities,
  type Transform,
  transformed,
  transformOf,
} from './scores.js';

interface TreeNode {
  readonly mode: string;
  readonly column: number;
  readonly threshold: number;
  /** Keys of the nodes that follow. */
  readonly yes: string;
  readonly no: string;
}

/** What a leaf adds to a target or a class. */
interface LeafWeight {
  readonly key: string;
  readonly target: number;
  readonly weight: number;
}

const COMPARISONS = {
  BRANCH_LEQ: 'LessOrEqual',
  BRANCH_LT: 'Less',
  BRANCH_GTE: 'GreaterOrEqual',
  BRANCH_GT: 'Greater',
} as const;
const MODES = Object.keys(COMPARISONS) as (keyof typeof COMPARISONS)[];

export const treeEnsembleRegressorOnnx: OnnxOperator = {
  domain: CLASSICAL,
  name: 'TreeEnsembleRegressor',
  opsets: ALL_OPSETS,
  note: 'without post_transform; SUM or AVERAGE; columns and form of the trees are public',
  convert(context) {
    const targets = context.int('n_targets', 1);
    const aggregate = context.string('aggregate_function', 'SUM');
    if (aggregate !== 'SUM' && aggregate !== 'AVERAGE')
      context.fail(`aggregate_function ${aggregate} is not supported`);
    if (transformOf(context) !== 'NONE') context.fail('post_transform is supported for classifiers only');
    const forest = new Forest(context, 'target');
    const share = aggregate === 'AVERAGE' ? 1 / forest.roots.length : 1;
    context.result(forest.scores(targets, share, context.floats('base_values') ?? []));
  },
};

export const treeEnsembleClassifierOnnx: OnnxOperator = {
  domain: CLASSICAL,
  name: 'TreeEnsembleClassifier',
  opsets: ALL_OPSETS,
  note: 'post_transform NONE, LOGISTIC, SOFTMAX; labels that are integers; columns and form of the trees are public',
  convert(context) {
    const transform = transformOf(context);
    const labels = classLabels(context, 'classlabels_int64s');
    const forest = new Forest(context, 'class');
    const base = context.floats('base_values') ?? [];
    const named = new Set(forest.weights.map(({ target }) => target));
    if (labels.count === 2 && named.size === 1) return ofTwo(context, forest, base, labels, transform);
    if (labels.count < 2) context.fail(`${labels.count} classes`);
    const scores = forest.scores(labels.count, 1, base);
    // onnxruntime tells 1 wherever the second score is above 0, others the class of the larger score.
    if (labels.count === 2 && context.isUsed(0))
      context.reject(
        'programs read labels in different ways where leaves say something of both of two classes: leave the labels out of the outputs',
      );
    labels.tell(() => labelOf(context, scores, labels.numbers));
    context.result(transformed(context, scores, transform), 1);
  },
};

/**
 * Trees that say something of one of two classes only, as onnxruntime reads them: the second class is told where its score
 * is above 0, or above 1 / 2 where no weight is below 0. What is said of the first class is meant of the second one.
 */
function ofTwo(
  context: NodeContext,
  forest: Forest,
  base: readonly number[],
  labels: ClassLabels,
  transform: Transform,
): void {
  const ofSecond = forest.weights[0]?.target === 1;
  if (base.length > (ofSecond ? 0 : 1)) context.fail(`${base.length} base values for one score`);
  const positive = forest.weights.every(({ weight }) => weight >= 0);
  const score = forest.scores(
    1,
    1,
    base,
    forest.weights.map((leaf) => ({ ...leaf, target: 0 })),
  );
  labels.tell(() => labelOfTwo(context, score, labels.numbers, positive ? 0.5 : 0));
  const less = (from: number, value: Value): Value =>
    context.emit('Sub', [context.makeConstant('number', plainTensor([], [from])), value], {});
  const both = (first: Value, second: Value): Value => context.emit('Concat', [first, second], { axis: 1 });
  if (ofSecond)
    context.result(transformed(context, both(context.emit('Sub', [score, score], {}), score), transform), 1);
  else if (transform === 'LOGISTIC') {
    const second = context.emit('Sigmoid', [score], {});
    const chances = both(less(1, second), second);
    markProbabilities(chances);
    context.result(chances, 1);
  } else context.result(both(less(positive ? 1 : 0, score), score), 1);
}

/** The trees of a node, read and checked. */
class Forest {
  readonly roots: readonly string[];
  readonly weights: readonly LeafWeight[];
  readonly #context: NodeContext;
  readonly #nodes: ReadonlyMap<string, TreeNode>;

  /** @param prefix of the attributes that say what leaves add */
  constructor(context: NodeContext, prefix: 'target' | 'class') {
    this.#context = context;
    context.ignore('nodes_hitrates', 'nodes_missing_value_tracks_true');
    const trees = context.ints('nodes_treeids') ?? [];
    const list = <T>(values: readonly T[] = [], name: string, length: number): readonly T[] =>
      values.length === length
        ? values
        : context.fail(`${name} has ${values.length} values where ${length} belong`);
    const whole = (name: string): readonly number[] => list(context.ints(name), name, trees.length);
    const ids = whole('nodes_nodeids');
    const columns = whole('nodes_featureids');
    const [yes, no] = [whole('nodes_truenodeids'), whole('nodes_falsenodeids')];
    const modes = list(context.strings('nodes_modes'), 'nodes_modes', trees.length);
    const thresholds = list(context.floats('nodes_values'), 'nodes_values', trees.length);
    const nodes = new Map<string, TreeNode>();
    trees.forEach((tree, i) => {
      const key = `${tree}/${ids[i]}`;
      if (nodes.has(key)) context.fail(`node ${ids[i]} of tree ${tree} is there twice`);
      nodes.set(key, {
        mode: modes[i] ?? '',
        column: columns[i] ?? 0,
        threshold: thresholds[i] ?? 0,
        yes: `${tree}/${yes[i]}`,
        no: `${tree}/${no[i]}`,
      });
    });
    this.#nodes = nodes;
    // Leaves name nodes, too, which mean nothing.
    const branches = [...nodes.values()].filter(({ mode }) => mode !== 'LEAF');
    const below = new Set(branches.flatMap(({ yes: one, no: other }) => [one, other]));
    // Otherwise a few nodes could stand for a tree of any size.
    if (below.size !== 2 * branches.length) context.fail('a node follows from two branches');
    this.roots = [...nodes.keys()].filter((key) => !below.has(key));
    if (this.roots.length !== new Set(trees).size)
      context.fail('each tree must have one node that no other leads to');
    const added = context.floats(`${prefix}_weights`) ?? [];
    const of = (name: string): readonly number[] =>
      list(context.ints(`${prefix}_${name}`), `${prefix}_${name}`, added.length);
    const [leafTrees, leaves, targets] = [of('treeids'), of('nodeids'), of('ids')];
    this.weights = added.map((weight, i) => ({
      key: `${leafTrees[i]}/${leaves[i]}`,
      target: targets[i] ?? 0,
      weight,
    }));
  }

  /**
   * The sums of what the leaves say that an example reaches, [rows, targets].
   * @param targets how many
   * @param factor of all weights
   * @param base what is added to each target; nothing where it is empty
   * @param weights of the leaves
   */
  scores(targets: number, factor: number, base: readonly number[], weights = this.weights): Value {
    const context = this.#context;
    if (base.length > 0 && base.length !== targets)
      context.fail(`${base.length} base values do not fit ${targets} targets`);
    const { reached, leaves } = this.#descend();
    context.checkCount(leaves.length * targets, 'what leaves say');
    if (targets < 1) context.fail(`there are ${targets} targets`);
    const lone = new Set(this.roots);
    const place = new Map(leaves.map((key, i) => [key, i]));
    const table = new Float64Array(leaves.length * targets);
    const bias = Float64Array.from({ length: targets }, (_, i) => base[i] ?? 0);
    for (const { key, target, weight } of weights) {
      if (!(target >= 0 && target < targets)) context.fail(`there is no target or class ${target}`);
      const at = place.get(key);
      if (at !== undefined)
        table[at * targets + target] = (table[at * targets + target] ?? 0) + factor * weight;
      // A tree of a leaf alone.
      else if (lone.has(key)) bias[target] = (bias[target] ?? 0) + factor * weight;
      else context.fail('a weight is of a node that is not a leaf');
    }
    const matrix = context.makeConstant('leaves', { shape: [leaves.length, targets], data: table });
    const constant = context.makeConstant('base', { shape: [targets], data: bias });
    return context.emit('Linear', [reached, matrix, constant], {});
  }

  /** Which leaves are reached, as ones and zeros: [rows, leaves], but for trees that are a leaf alone. */
  #descend(): { readonly reached: Value; readonly leaves: readonly string[] } {
    const context = this.#context;
    const inner = (key: string): TreeNode | undefined => {
      const node = this.#nodes.get(key) ?? context.fail(`there is no node ${key}`);
      return node.mode === 'LEAF' ? undefined : node;
    };
    const { answers, columnOf } = this.#compared();
    const one = context.makeConstant('one', plainTensor([], [1]));
    const take = (x: Value, indices: readonly number[]): Value =>
      context.emit('Take', [x], { axis: 1, indices, shape: [indices.length] });
    let level = this.roots;
    let reach: Value | undefined;
    const leaves: string[] = [];
    const parts: Value[] = [];
    while (level.length > 0) {
      const ended: number[] = [];
      const onward: number[] = [];
      level.forEach((key, i) => {
        (inner(key) ? onward : ended).push(i);
      });
      if (reach && ended.length > 0) {
        parts.push(ended.length === level.length ? reach : take(reach, ended));
        leaves.push(...ended.map((i) => level[i] ?? ''));
      }
      const nodes = onward.map((i) => level[i] ?? '');
      if (nodes.length === 0) break;
      const tested = take(
        answers,
        nodes.map((key) => columnOf.get(key) ?? 0),
      );
      const from = reach && take(reach, onward);
      const yes: Value = from ? context.emit('Mul', [from, tested], {}) : tested;
      const no = context.emit('Sub', [from ?? one, yes], {});
      reach = context.emit('Concat', [yes, no], { axis: 1 });
      level = [...nodes.map((key) => inner(key)?.yes ?? ''), ...nodes.map((key) => inner(key)?.no ?? '')];
    }
    if (parts.length === 0) context.fail('no tree has a branch');
    const reached = parts.length === 1 ? (parts[0] as Value) : context.emit('Concat', parts, { axis: 1 });
    return { reached, leaves };
  }

  /** All comparisons, [rows, nodes that are not leaves], and the column of each. */
  #compared(): { readonly answers: Value; readonly columnOf: ReadonlyMap<string, number> } {
    const context = this.#context;
    const x = context.input(0);
    if (context.rank(x) !== 2) context.fail('its input must be a table [rows, columns]');
    const columnOf = new Map<string, number>();
    const parts = MODES.flatMap((mode) => {
      const own = [...this.#nodes].filter(([, node]) => node.mode === mode);
      if (own.length === 0) return [];
      for (const [key] of own) columnOf.set(key, columnOf.size);
      const indices = own.map(([, { column }]) => column);
      const values = context.emit('Take', [x], { axis: 1, indices, shape: [indices.length] });
      const thresholds = plainTensor(
        [own.length],
        own.map(([, { threshold }]) => threshold),
      );
      return [
        context.emit(
          COMPARISONS[mode],
          [values, context.makeConstant('thresholds', thresholds)],
          {},
          'float',
        ),
      ];
    });
    for (const [, { mode }] of this.#nodes)
      if (mode !== 'LEAF' && !(mode in COMPARISONS)) context.fail(`nodes of mode ${mode} are not supported`);
    if (parts.length === 0) context.fail('no tree has a branch');
    const answers = parts.length === 1 ? (parts[0] as Value) : context.emit('Concat', parts, { axis: 1 });
    return { answers, columnOf };
  }
}
