/** If with a public condition, against onnxruntime. */
import { expect } from 'chai';
import { checkModel, parseOnnx } from '../src/index.js';
import { compareWithRuntime } from './helpers/compare.js';
import { type AttributeValue, encodeModel, type ModelSpec, type NodeSpec } from './helpers/onnx-encoder.js';

const node = (
  op: string,
  inputs: string[],
  output: string,
  attributes?: Record<string, AttributeValue>,
): NodeSpec => ({ op, inputs, outputs: [output], ...(attributes && { attributes }) });

/** A branch of one output. */
const branch = (
  output: string,
  nodes: NodeSpec[],
  initializers: ModelSpec['initializers'] = {},
): AttributeValue => ({
  g: { inputs: [], outputs: [{ name: output }], nodes, initializers },
});

const choice = (condition: string, then: AttributeValue, otherwise: AttributeValue, output = 'y'): NodeSpec =>
  node('If', [condition], output, { then_branch: then, else_branch: otherwise });

const model = (
  nodes: NodeSpec[],
  initializers: ModelSpec['initializers'] = {},
  more: object = {},
): ModelSpec => ({
  opset: 17,
  inputs: [{ name: 'x', shape: [2, 3] }],
  outputs: [{ name: 'y', shape: [2, 3] }],
  nodes,
  initializers,
  ...more,
});

const truth = (value: number) => ({ type: 9, shape: [], data: [value] });
const one = { shape: [1], data: [1] };
const relu = branch('r', [node('Relu', ['x'], 'r')]);
const tanh = branch('r', [node('Tanh', ['x'], 'r')]);

const zero = { zero: { shape: [], data: [0] } };
/** [sum of x > 0], the sum being secret. */
const isPositive: NodeSpec[] = [
  node('ReduceSum', ['x'], 's', { keepdims: { i: 0 } }),
  node('Greater', ['s', 'zero'], 'c'),
];

describe('onnx: If', () => {
  const cases: [string, ModelSpec][] = [
    ['takes the first branch', model([choice('c', relu, tanh)], { c: truth(1) })],
    ['takes the second branch', model([choice('c', relu, tanh)], { c: truth(0) })],
    [
      'follows a condition that is computed from known sizes',
      model(
        [
          node('Shape', ['x'], 's'),
          node('Gather', ['s', 'at'], 'n'),
          node('Equal', ['n', 'three'], 'c'),
          choice('c', relu, tanh),
        ],
        { at: { type: 7, shape: [], data: [1] }, three: { type: 7, shape: [], data: [3] } },
      ),
    ],
    [
      'keeps names of two nodes with the same branches apart',
      model([choice('c', relu, tanh, 'a'), choice('d', relu, tanh, 'b'), node('Add', ['a', 'b'], 'y')], {
        c: truth(1),
        d: truth(0),
      }),
    ],
    [
      'knows constants of a branch, and values around it',
      model(
        [node('Neg', ['x'], 'n'), choice('c', branch('r', [node('Add', ['n', 'k'], 'r')], { k: one }), tanh)],
        { c: truth(1) },
      ),
    ],
    [
      'goes into branches of branches',
      model(
        [
          node('Neg', ['x'], 'n'),
          choice(
            'c',
            tanh,
            branch('r', [
              node('Relu', ['n'], 'p'),
              choice('d', branch('q', [node('Add', ['p', 'n'], 'q')]), relu, 'r'),
            ]),
          ),
        ],
        { c: truth(0), d: truth(1) },
      ),
    ],
    [
      'passes a value around it through',
      model(
        [choice('c', branch('r', [node('Identity', ['x'], 'r')]), tanh, 'a'), node('Add', ['a', 'x'], 'y')],
        {
          c: truth(1),
        },
      ),
    ],
    [
      'gives an input of the graph as its output',
      model([choice('c', branch('r', [node('Identity', ['x'], 'r')]), tanh)], { c: truth(1) }),
    ],
  ];
  for (const [what, nodes] of [
    ['runs both branches where the condition is secret', isPositive],
    ['runs both branches where the condition is secret and false', [...isPositive, node('Not', ['c'], 'd')]],
  ] as const)
    cases.push([what, model([...nodes, choice(nodes.at(-1)?.outputs[0] ?? '', relu, tanh)], zero)]);

  for (const [what, spec] of cases)
    it(what, () => compareWithRuntime(spec, { x: [2, 3] }).then(() => undefined));

  const refused: [string, ModelSpec, RegExp][] = [
    [
      'a secret condition between outputs of different shapes',
      model(
        [...isPositive, choice('c', relu, branch('r', [node('Flatten', ['x'], 'r', { axis: { i: 0 } })]))],
        zero,
      ),
      /both branches run, and output 0 has the shapes \[2,3\] and \[1,6\]/,
    ],
    [
      'something unknown in either branch of a secret condition',
      model([...isPositive, choice('c', relu, branch('r', [node('Mystery', ['x'], 'r')]))], zero),
      /this operation is not supported/,
    ],
    [
      'a condition of sizes that are not known',
      model(
        [
          node('Shape', ['x'], 's'),
          node('ReduceProd', ['s'], 'c', { keepdims: { i: 0 } }),
          choice('c', relu, tanh),
        ],
        {},
        { inputs: [{ name: 'x', shape: ['batch', 3] }] },
      ),
      /give them with the option inputShapes/,
    ],
    [
      'something unknown in the branch that is taken',
      model([choice('c', branch('r', [node('Mystery', ['x'], 'r')]), tanh)], { c: truth(1) }),
      /this operation is not supported/,
    ],
    [
      'a missing branch',
      model([node('If', ['c'], 'y', { else_branch: tanh })], { c: truth(1) }),
      /then_branch is missing/,
    ],
  ];
  for (const [what, spec, message] of refused)
    it(`refuses ${what}`, () => {
      const { issues } = checkModel(parseOnnx(encodeModel(spec)));
      expect(issues.map(({ reason }) => reason).join()).match(message);
    });

  it('minds nothing in the branch that is not taken', () => {
    const spec = model([choice('c', tanh, branch('r', [node('Mystery', ['x'], 'r')]))], { c: truth(1) });
    expect(checkModel(parseOnnx(encodeModel(spec))).issues).deep.equal([]);
  });

  it('refuses graphs in graphs without end', () => {
    let deep = relu;
    for (let i = 0; i < 40; i++) deep = branch('r', [choice('c', deep, tanh, 'r')]);
    const bytes = encodeModel(model([choice('c', deep, tanh)], { c: truth(1) }));
    expect(() => parseOnnx(bytes)).throws(/nested more than/);
  });
});
