/** Models of scikit-learn as skl2onnx exports them: the operator set ai.onnx.ml, against onnxruntime. */
import { expect } from 'chai';
import { buildGraph, evaluatePlain, parseOnnx, specialize, UnsupportedModelError } from '../../src/index.js';
import { compareWithRuntime, numbers } from '../helpers/compare.js';
import { type AttributeValue, encodeModel, type ModelSpec, type NodeSpec } from '../helpers/onnx-encoder.js';

const ROWS = 5;
const COLUMNS = 3;
const X = { x: [ROWS, COLUMNS] };
const floats = (count: number, seed: number): AttributeValue => ({ floats: [...numbers(count, seed)] });
const ints = (...values: number[]): AttributeValue => ({ ints: values });

function model(nodes: readonly NodeSpec[], outputs: ModelSpec['outputs'], x = X): ModelSpec {
  return {
    opset: 17,
    domains: { 'ai.onnx.ml': 3 },
    inputs: Object.entries(x).map(([name, shape]) => ({ name, type: 1, shape })),
    outputs,
    nodes: nodes.map((node) => ({ domain: 'ai.onnx.ml', ...node })),
  };
}
const Y = [{ name: 'y', type: 1 }];
const one = (op: string, attributes: NodeSpec['attributes'], x: Record<string, number[]> = X): ModelSpec =>
  model([{ op, inputs: Object.keys(x), outputs: ['y'], attributes }], Y, x as typeof X);

const SCORED = [
  { name: 'label', type: 7 },
  { name: 'scores', type: 1 },
];
const classifier = (rows: number, labels: number[], transform?: string): ModelSpec =>
  model(
    [
      {
        op: 'LinearClassifier',
        inputs: ['x'],
        outputs: ['label', 'scores'],
        attributes: {
          coefficients: floats(rows * COLUMNS, 3),
          intercepts: floats(rows, 4),
          classlabels_ints: ints(...labels),
          multi_class: { i: 1 },
          post_transform: transform === undefined ? undefined : { s: transform },
        },
      },
    ],
    SCORED,
  );

interface Forest {
  readonly attributes: Record<string, AttributeValue>;
  readonly leaves: readonly (readonly [tree: number, node: number])[];
}

/** Trees of any form, whose branches end anywhere. */
function forest(trees: number, seed: number, modes = ['BRANCH_LEQ'], deepest = 4): Forest {
  const random = numbers(4000, seed);
  let drawn = 0;
  const draw = (): number => random[drawn++] ?? 0;
  const nodes: {
    tree: number;
    id: number;
    mode: string;
    column: number;
    value: number;
    yes: number;
    no: number;
  }[] = [];
  const leaves: [number, number][] = [];
  for (let tree = 0; tree < trees; tree++) {
    let next = 0;
    const first = nodes.length;
    const grow = (depth: number): number => {
      const id = next++;
      if (depth === deepest || (depth > 0 && draw() > 1)) {
        leaves.push([tree, id]);
        nodes.push({ tree, id, mode: 'LEAF', column: 0, value: 0, yes: 0, no: 0 });
        return id;
      }
      const [yes, no] = [grow(depth + 1), grow(depth + 1)];
      const mode = modes[nodes.length % modes.length];
      nodes.push({ tree, id, mode, column: nodes.length % COLUMNS, value: draw() / 2, yes, no });
      return id;
    };
    grow(0);
    nodes.push(...nodes.splice(first).sort((a, b) => a.id - b.id));
  }
  const all = (of: (node: (typeof nodes)[number]) => number): AttributeValue => ints(...nodes.map(of));
  return {
    leaves,
    attributes: {
      nodes_treeids: all(({ tree }) => tree),
      nodes_nodeids: all(({ id }) => id),
      nodes_featureids: all(({ column }) => column),
      nodes_truenodeids: all(({ yes }) => yes),
      nodes_falsenodeids: all(({ no }) => no),
      nodes_modes: { strings: nodes.map(({ mode }) => mode) },
      nodes_values: { floats: nodes.map(({ value }) => value) },
      nodes_hitrates: { floats: nodes.map(() => 1) },
      nodes_missing_value_tracks_true: ints(...nodes.map(() => 0)),
    },
  };
}

/** What leaves say: of each of some targets. */
function said(
  prefix: string,
  { leaves }: Forest,
  targets: readonly number[],
  of = (v: number) => v,
): Record<string, AttributeValue> {
  const all = leaves.flatMap((leaf) => targets.map((target) => [...leaf, target] as const));
  return {
    [`${prefix}_treeids`]: ints(...all.map(([tree]) => tree)),
    [`${prefix}_nodeids`]: ints(...all.map(([, node]) => node)),
    [`${prefix}_ids`]: ints(...all.map(([, , target]) => target)),
    [`${prefix}_weights`]: { floats: [...numbers(all.length, 9)].map(of) },
  };
}
const MANY = { x: [40, COLUMNS] };

const refusal = (spec: ModelSpec): string => {
  try {
    buildGraph(parseOnnx(encodeModel(spec)));
  } catch (error) {
    expect(error).instanceOf(UnsupportedModelError);
    return (error as Error).message;
  }
  return 'nothing';
};

describe('onnx: classical machine learning against onnxruntime', () => {
  for (const transform of [undefined, 'NONE', 'LOGISTIC', 'SOFTMAX'])
    it(`classifiers, ${transform ?? 'no transform'}`, async () => {
      await compareWithRuntime(classifier(3, [0, 1, 2], transform), X);
      await compareWithRuntime(classifier(4, [7, -3, 0, 2], transform), X);
      await compareWithRuntime(classifier(2, [0, 1], transform), X);
      await compareWithRuntime(classifier(2, [5, 2], transform), X);
      // onnxruntime leaves a softmax of a single score out, as it does any transform but the logistic one.
      await compareWithRuntime(classifier(1, [0, 1], transform), X);
      await compareWithRuntime(classifier(1, [4, -1], transform), X);
    });

  it('logistic regressions of two classes by one score', async () => {
    const weights = [0.5, -2, 1];
    for (const [first, bias] of [
      [weights.map((w) => -w), 0.25],
      [weights.map((w) => -w), 0.26],
      [weights, 0.25],
    ] as const) {
      const spec = classifier(2, [3, 8], 'LOGISTIC');
      const { attributes = {} } = spec.nodes[0];
      attributes.coefficients = { floats: [...first, ...weights] };
      attributes.intercepts = { floats: [-0.25, bias] };
      const graph = await compareWithRuntime(spec, X);
      const [linear] = graph.nodes;
      const mirrored = first !== weights && bias === 0.25;
      expect(graph.parameters.get(linear.inputs[1])?.shape).deep.equal([3, mirrored ? 1 : 2]);
    }
  });

  it('regressors', async () => {
    for (const targets of [1, 2])
      for (const bias of [true, false])
        await compareWithRuntime(
          one('LinearRegressor', {
            targets: { i: targets },
            coefficients: floats(targets * COLUMNS, 5),
            intercepts: bias ? floats(targets, 6) : undefined,
          }),
          X,
        );
  });

  it('what stands before and behind them', async () => {
    await compareWithRuntime(one('Scaler', { offset: floats(3, 1), scale: floats(3, 2) }), X);
    await compareWithRuntime(one('Scaler', { offset: floats(1, 1), scale: floats(1, 2) }), X);
    await compareWithRuntime(one('Binarizer', { threshold: { f: 0.25 } }), X);
    for (const norm of ['L1', 'L2']) await compareWithRuntime(one('Normalizer', { norm: { s: norm } }), X);
    const two = { x: [ROWS, 3], z: [ROWS, 2] };
    await compareWithRuntime(one('FeatureVectorizer', { inputdimensions: ints(3, 2) }, two), two);
    await compareWithRuntime(
      one('Imputer', { imputed_value_floats: floats(3, 1), replaced_value_float: { f: Number.NaN } }),
      X,
    );
    for (const places of [[2], [0, 2, 2], [1]]) {
      const spec = one('ArrayFeatureExtractor', {});
      spec.nodes[0].inputs.push('places');
      spec.initializers = { places: { type: 7, shape: [places.length], data: places } };
      await compareWithRuntime(spec, X);
    }
  });

  for (const modes of [['BRANCH_LEQ'], ['BRANCH_LT'], ['BRANCH_GT', 'BRANCH_LEQ', 'BRANCH_GTE', 'BRANCH_LT']])
    it(`forests that tell numbers, ${modes}`, async () => {
      for (const [trees, deepest] of [
        [1, 1],
        [1, 4],
        [7, 3],
        [20, 5],
      ]) {
        const grown = forest(trees, trees + deepest, modes, deepest);
        for (const targets of [1, 3])
          for (const aggregate of [undefined, 'SUM', 'AVERAGE'])
            await compareWithRuntime(
              one(
                'TreeEnsembleRegressor',
                {
                  ...grown.attributes,
                  ...said(
                    'target',
                    grown,
                    Array.from({ length: targets }, (_, i) => i),
                  ),
                  n_targets: { i: targets },
                  aggregate_function: aggregate === undefined ? undefined : { s: aggregate },
                  base_values: aggregate === 'SUM' ? floats(targets, 2) : undefined,
                },
                MANY,
              ),
              MANY,
            );
      }
    });

  for (const transform of [undefined, 'LOGISTIC', 'SOFTMAX'])
    it(`forests that tell classes, ${transform ?? 'no transform'}`, async () => {
      const grown = forest(6, 3);
      const told = (labels: number[], classes: number[], of?: (v: number) => number, base?: number[]) =>
        model(
          [
            {
              op: 'TreeEnsembleClassifier',
              domain: 'ai.onnx.ml',
              inputs: ['x'],
              outputs: ['label', 'scores'],
              attributes: {
                ...grown.attributes,
                ...said('class', grown, classes, of),
                classlabels_int64s: ints(...labels),
                post_transform: transform === undefined ? undefined : { s: transform },
                base_values: base && { floats: base },
              },
            },
          ],
          labels.length === 2 && classes.length === 2 ? [SCORED[1]] : SCORED,
          MANY,
        );
      const positive = (v: number): number => Math.abs(v) / 12;
      await compareWithRuntime(told([0, 1, 2], [0, 1, 2]), MANY);
      await compareWithRuntime(told([5, -1, 3, 7], [0, 1, 2, 3], undefined, [0.5, -1, 2, 0]), MANY);
      await compareWithRuntime(told([0, 1], [0, 1], positive), MANY);
      await compareWithRuntime(told([3, 1], [0, 1]), MANY);
      expect(refusal({ ...told([3, 1], [0, 1]), outputs: SCORED })).contain('of both of two classes');
      // One score for two classes: gradient boosting, and a probability.
      for (const only of [0, 1]) {
        await compareWithRuntime(told([0, 1], [only]), MANY);
        await compareWithRuntime(told([4, 2], [only], positive), MANY);
      }
    });

  it('labels by the place of the largest score', async () => {
    for (const keepdims of [0, 1]) {
      const spec = model(
        [
          {
            op: 'ArgMax',
            domain: '',
            inputs: ['x'],
            outputs: ['place'],
            attributes: { axis: { i: 1 }, keepdims: { i: keepdims } },
          },
          { op: 'ArrayFeatureExtractor', inputs: ['classes', 'place'], outputs: ['y'] },
        ],
        [{ name: 'y', type: 7 }],
      );
      spec.initializers = { classes: { type: 7, shape: [3], data: [4, -1, 9] } };
      await compareWithRuntime(spec, X);
    }
  });

  it('a whole pipeline, its map of probabilities as a table', async () => {
    const probabilities = (transform: string, rows: number): ModelSpec['nodes'] => [
      {
        op: 'Scaler',
        domain: 'ai.onnx.ml',
        inputs: ['x'],
        outputs: ['scaled'],
        attributes: { offset: floats(3, 1), scale: floats(3, 2) },
      },
      { ...classifier(rows, [0, 1, 2].slice(0, Math.max(2, rows)), transform).nodes[0], inputs: ['scaled'] },
      {
        op: 'Normalizer',
        domain: 'ai.onnx.ml',
        inputs: ['scores'],
        outputs: ['probabilities'],
        attributes: { norm: { s: 'L1' } },
      },
    ];
    for (const [transform, rows] of [
      ['LOGISTIC', 1],
      ['LOGISTIC', 3],
      ['SOFTMAX', 3],
    ] as const) {
      const nodes = probabilities(transform, rows);
      const outputs = [SCORED[0], { name: 'probabilities', type: 1 }];
      const graph = await compareWithRuntime(model(nodes, outputs), X);
      // What has a sum of 1 is not divided by it.
      expect(graph.nodes.some(({ op }) => op === 'Div')).equal(transform === 'LOGISTIC' && rows === 3);
      const zip = {
        op: 'ZipMap',
        inputs: ['probabilities'],
        outputs: ['map'],
        attributes: { classlabels_int64s: ints(0, 1, 2) },
      };
      const zipped = parseOnnx(encodeModel(model([...nodes, zip], [SCORED[0], { name: 'map' }])));
      const x = { shape: X.x, data: numbers(ROWS * COLUMNS) };
      const values = evaluatePlain(specialize(buildGraph(zipped), X), { x });
      expect(values.map).deep.equal(evaluatePlain(graph, { x }).probabilities);
    }
  });

  it('is refused where it cannot be computed, with what helps', () => {
    const [node] = classifier(2, []).nodes;
    const named = (outputs: ModelSpec['outputs']): ModelSpec => {
      const { classlabels_ints: _, ...attributes } = node.attributes ?? {};
      return model(
        [{ ...node, attributes: { ...attributes, classlabels_strings: { strings: ['a', 'b'] } } }],
        outputs,
      );
    };
    expect(refusal(named(SCORED))).contain('its labels are texts: number the classes');
    expect(refusal(named([SCORED[1]]))).equal('nothing');
    expect(refusal(classifier(2, [0, 1], 'PROBIT'))).contain('post_transform PROBIT');
    expect(refusal(classifier(3, [0, 1]))).contain('3 rows of weights do not fit 2 classes');
    expect(refusal(classifier(1, [4]))).contain('do not fit 1 classes');
    expect(refusal(one('Normalizer', {}))).contain('norm MAX');
    expect(refusal(one('Scaler', { offset: floats(3, 1), scale: floats(1, 2) }))).contain('3 offsets');
    expect(refusal(one('LinearRegressor', { targets: { i: 2 }, coefficients: floats(3, 1) }))).contain(
      '3 coefficients do not fit 2 rows',
    );
    expect(
      refusal(one('LinearRegressor', { coefficients: floats(3, 1), post_transform: { s: 'LOGISTIC' } })),
    ).contain('classifiers only');
    expect(refusal(one('Imputer', { replaced_value_float: { f: 0 } }))).contain('only NaN');
    expect(refusal(one('SVMRegressor', {}))).contain('ai.onnx.ml.SVMRegressor');
    expect(refusal(one('TreeEnsembleRegressor', {}))).contain('no tree has a branch');
    const grown = forest(2, 1, ['BRANCH_LEQ'], 1);
    const trees = (attributes: Record<string, AttributeValue>) =>
      refusal(
        one('TreeEnsembleRegressor', { ...grown.attributes, ...said('target', grown, [0]), ...attributes }),
      );
    expect(trees({})).equal('nothing');
    expect(trees({ nodes_featureids: ints(1) })).contain('nodes_featureids has 1 values');
    expect(trees(said('target', grown, [1]))).contain('no target or class 1');
    expect(trees({ aggregate_function: { s: 'MAX' } })).contain('aggregate_function MAX');
    expect(trees({ base_values: floats(2, 1) })).contain('2 base values');
    expect(trees(forest(2, 1, ['BRANCH_EQ']).attributes)).contain('BRANCH_EQ');
    expect(trees({ n_targets: { i: 2 ** 40 } })).contain('would have');
    expect(trees({ n_targets: { i: 0 } })).contain('there are 0 targets');
    const same = grown.attributes.nodes_truenodeids;
    expect(trees({ nodes_falsenodeids: same })).contain('a node follows from two branches');
    const other = grown.attributes.nodes_falsenodeids as { ints: number[] };
    expect(trees({ nodes_falsenodeids: ints(...other.ints.map((id) => (id === 0 ? 0 : 50))) })).contain(
      'each tree must have one node',
    );
    const far = one('ArrayFeatureExtractor', {});
    far.nodes[0].inputs.push('places');
    far.initializers = { places: { type: 7, shape: [1], data: [3] } };
    expect(refusal(far)).contain('there is no column 3');
  });
});
