/** Every loss and its gradient against PyTorch's formulas in double precision. */
import type { CrypTensor, Operand, Party } from '@tacit/tensor';
import { simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import {
  BCELoss,
  BCEWithLogitsLoss,
  CrossEntropyLoss,
  HingeLoss,
  KLDivLoss,
  L1Loss,
  type Loss,
  MSELoss,
  NLLLoss,
  RAPPORLoss,
} from '../../src/index.js';

type Values = readonly number[];
/** The loss of each element or example and the gradient of their sum, of all elements. */
type Formula = (x: Values, t: Values) => { each: number[]; gradient: number[] };

const elementwise =
  (f: (x: number, t: number) => [value: number, slope: number]): Formula =>
  (x, t) => {
    const both = x.map((v, i) => f(v, t[i]));
    return { each: both.map(([v]) => v), gradient: both.map(([, d]) => d) };
  };

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const bce = (p: number, t: number): number => -(t * Math.log(p) + (1 - t) * Math.log(1 - p));
const bceSlope = (p: number, t: number): number => (p - t) / (p * (1 - p));
const logits = elementwise((x, t) => [
  Math.max(x, 0) - x * t + Math.log1p(Math.exp(-Math.abs(x))),
  sigmoid(x) - t,
]);

/** [rows, classes, inner] seen as rows of classes. */
const classwise =
  (classes: number, inner: number, f: (x: number[], t: number[]) => [number, number[]]): Formula =>
  (x, t) => {
    const gradient = new Array(x.length).fill(0);
    const each: number[] = [];
    for (let row = 0; row < x.length / classes; row++) {
      const at = (c: number) => Math.floor(row / inner) * classes * inner + (row % inner) + c * inner;
      const places = Array.from({ length: classes }, (_, c) => at(c));
      const [value, slope] = f(
        places.map((i) => x[i]),
        places.map((i) => t[i]),
      );
      each.push(value);
      places.forEach((place, c) => {
        gradient[place] = slope[c];
      });
    }
    return { each, gradient };
  };

const softmax = (x: number[]): number[] => {
  const top = Math.max(...x);
  const powers = x.map((v) => Math.exp(v - top));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((v) => v / sum);
};
const crossEntropy = (x: number[], t: number[]): [number, number[]] => {
  const p = softmax(x);
  return [-t.reduce((sum, v, i) => sum + v * Math.log(p[i]), 0), p.map((v, i) => v - t[i])];
};
const likelihood = (x: number[], t: number[]): [number, number[]] => [
  -t.reduce((sum, v, i) => sum + v * x[i], 0),
  t.map((v) => -v),
];

interface Case {
  readonly name: string;
  readonly loss: (options: { reduction?: 'mean' | 'sum' | 'none' }) => Loss;
  readonly shape: readonly number[];
  readonly x: Values;
  readonly t: Values;
  /** The target as it is given, where it has another shape. */
  readonly given?: { readonly shape: readonly number[]; readonly values: Values };
  readonly formula: Formula;
  readonly tolerance?: number;
}

const x6 = [0.5, -1.25, 3, -4, 0, 2.5];
const rows = [0, 0, 1, 0, 1, 0];
const CASES: Case[] = [
  {
    name: 'MSELoss',
    loss: (o) => new MSELoss(o),
    shape: [2, 3],
    x: x6,
    t: [1, -2, 0.5, -4, 3, 2],
    formula: elementwise((x, t) => [(x - t) ** 2, 2 * (x - t)]),
  },
  {
    name: 'L1Loss',
    loss: (o) => new L1Loss(o),
    shape: [6],
    x: x6,
    t: [1, -2, 0.5, -4, 3, 2],
    formula: elementwise((x, t) => [Math.abs(x - t), Math.sign(x - t)]),
  },
  {
    name: 'BCELoss',
    loss: (o) => new BCELoss(o),
    shape: [2, 3],
    x: [0.5, 0.125, 0.9, 0.02, 0.75, 0.99],
    t: [1, 0, 1, 0, 0.25, 1],
    formula: elementwise((x, t) => [bce(x, t), bceSlope(x, t)]),
    tolerance: 2 ** -8,
  },
  {
    name: 'BCEWithLogitsLoss',
    loss: (o) => new BCEWithLogitsLoss(o),
    shape: [6],
    x: [0.5, -1.25, 300, -40, 0, 12],
    t: [1, 0, 0, 1, 0.5, 1],
    formula: logits,
  },
  {
    name: 'HingeLoss',
    loss: (o) => new HingeLoss(o),
    shape: [6, 1],
    x: x6,
    t: [1, -1, -1, 1, 1, 1],
    formula: elementwise((x, t) => [Math.max(0, 1 - x * t), x * t < 1 ? -t : 0]),
  },
  {
    name: 'CrossEntropyLoss of rows',
    loss: (o) => new CrossEntropyLoss(o),
    shape: [2, 3],
    x: x6,
    t: rows,
    formula: classwise(3, 1, crossEntropy),
    tolerance: 2 ** -8,
  },
  {
    name: 'CrossEntropyLoss of probabilities',
    loss: (o) => new CrossEntropyLoss(o),
    shape: [2, 3],
    x: x6,
    t: [0.25, 0.25, 0.5, 1, 0, 0],
    formula: classwise(3, 1, crossEntropy),
    tolerance: 2 ** -7,
  },
  {
    name: 'CrossEntropyLoss of indices',
    loss: (o) => new CrossEntropyLoss(o),
    shape: [2, 3],
    x: x6,
    t: rows,
    given: { shape: [2], values: [2, 1] },
    formula: classwise(3, 1, crossEntropy),
    tolerance: 2 ** -8,
  },
  {
    name: 'CrossEntropyLoss of one example without a batch',
    loss: (o) => new CrossEntropyLoss(o),
    shape: [3],
    x: [0.5, -1.25, 3],
    t: [0, 0, 1],
    given: { shape: [], values: [2] },
    formula: classwise(3, 1, crossEntropy),
    tolerance: 2 ** -8,
  },
  {
    name: 'CrossEntropyLoss of pixels',
    loss: (o) => new CrossEntropyLoss(o),
    shape: [1, 3, 2],
    x: x6,
    t: [1, 0, 0, 0, 0, 1],
    given: { shape: [1, 2], values: [0, 2] },
    formula: classwise(3, 2, crossEntropy),
    tolerance: 2 ** -8,
  },
  {
    name: 'NLLLoss',
    loss: (o) => new NLLLoss(o),
    shape: [2, 3],
    x: [-0.5, -1.25, -3, -4, -0.1, -2.5],
    t: rows,
    given: { shape: [2], values: [2, 1] },
    formula: classwise(3, 1, likelihood),
  },
  {
    name: 'KLDivLoss',
    loss: (o) => new KLDivLoss(o),
    shape: [2, 3],
    x: [-0.5, -1.25, -3, -4, -0.1, -2.5],
    t: [0, 0.25, 0.75, 1, 0, 0],
    formula: elementwise((x, t) => [t > 0 ? t * (Math.log(t) - x) : 0, -t]),
  },
  {
    name: 'KLDivLoss of log-probabilities',
    loss: (o) => new KLDivLoss({ ...o, logTarget: true }),
    shape: [3],
    x: [-0.5, -1.25, -3],
    t: [-1, -0.25, -2],
    formula: elementwise((x, t) => [Math.exp(t) * (t - x), -Math.exp(t)]),
  },
  ...[0.75, 0.1, 1, 0].map((alpha): Case => {
    const kept = alpha === 0 ? 1 : alpha;
    return {
      name: `RAPPORLoss(${alpha})`,
      loss: (o) => new RAPPORLoss(alpha, o),
      shape: [6],
      x: x6,
      t: [1, 0, 0.5, 1, 0, 1],
      formula: elementwise((x, t) => {
        const p = sigmoid(x);
        const r = kept * p + (1 - kept) * (1 - p);
        return [bce(r, t), bceSlope(r, t) * (2 * kept - 1) * p * (1 - p)];
      }),
      tolerance: 2 ** -8,
    };
  }),
];

type Form = 'secret' | 'owned' | 'public';

/** A target in one of its forms. */
function targetOf(party: Party, form: Form, values: Values, shape: readonly number[]): Operand {
  const given = Float64Array.from(values);
  if (form === 'public') return { dims: shape, data: given };
  return form === 'secret'
    ? party.cryptensor(given, { src: 1, shape })
    : party.owned(given, { src: 1, shape });
}

const told = async (x: CrypTensor | undefined): Promise<number[]> => [
  ...((await x?.revealFloat64())?.data ?? []),
];

describe('losses', () => {
  for (const { name, loss, shape, x, t, given, formula, tolerance = 2 ** -10 } of CASES)
    for (const parties of name === 'MSELoss' ? [2, 3, 5] : [2])
      it(`${name}, ${parties} parties`, async function () {
        this.timeout(20_000);
        const { each, gradient } = formula(x, t);
        const sum = each.reduce((a, b) => a + b);
        const forms: Form[] = given ? ['secret', 'public'] : ['secret', 'owned', 'public'];
        const { results } = await simulate({ parties, delays: parties }, async (party) => {
          const found: number[][][] = [];
          for (const form of forms)
            for (const reduction of ['mean', 'sum', 'none'] as const) {
              const prediction = party.cryptensor(Float64Array.from(x), {
                src: 0,
                shape,
                requiresGrad: true,
              });
              const target = targetOf(party, form, given?.values ?? t, given?.shape ?? shape);
              const made = loss({ reduction }).forward(prediction, target);
              made.backward(reduction === 'none' ? party.ones(made.shape) : undefined);
              found.push([await told(made), await told(prediction.grad)]);
            }
          return found;
        });
        for (const result of results)
          result.forEach(([value, slope], i) => {
            const reduction = i % 3;
            const n = reduction === 0 ? each.length : 1;
            const expected = reduction === 2 ? each : [sum / n];
            const close = (a: number[], b: number[], what: string) => {
              expect(a.length).equal(b.length);
              const room = tolerance * (reduction === 1 ? each.length : 1);
              b.forEach((v, j) => {
                expect(a[j], `${forms[Math.floor(i / 3)]} ${what} ${i % 3} [${j}]`).closeTo(
                  v,
                  room * Math.max(1, Math.abs(v)),
                );
              });
            };
            close(value, expected, 'value');
            close(
              slope,
              gradient.map((v) => v / n),
              'gradient',
            );
          });
      });

  it('KLDivLoss by the size of the batch', async () => {
    const x = [-0.5, -1.25, -3, -4, -0.1, -2.5];
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const input = party.cryptensor(x, { src: 0 }).reshape([2, 3]);
      const target = [
        [0.5, 0.25, 0.25],
        [0, 1, 0],
      ];
      return new KLDivLoss({ reduction: 'batchmean' }).forward(input, target).item();
    });
    const t = [0.5, 0.25, 0.25, 0, 1, 0];
    const right = t.reduce((sum, v, i) => sum + (v > 0 ? v * (Math.log(v) - x[i]) : 0), 0) / 2;
    for (const made of results) expect(made).closeTo(right, 2 ** -12);
  });

  it('is finite for probabilities of 0 and 1, and so is its gradient', async () => {
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const p = party.cryptensor([0, 1, 0, 1], { src: 0, requiresGrad: true });
      const made = new BCELoss({ reduction: 'sum' }).forward(p, [0, 1, 1, 0]);
      made.backward();
      return [...(await told(made)), ...(await told(p.grad))];
    });
    const [value, ...slopes] = results[0];
    expect(value).closeTo(2 * 14 * Math.LN2, 0.01);
    [1, -1, -256, 256].forEach((v, i) => {
      expect(slopes[i]).closeTo(v, Math.abs(v) * 2 ** -8);
    });
  });

  it('refuse what does not fit', async () => {
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const x = party.cryptensor([0.5, 0.25, 0.5, 0.75], { src: 0 }).reshape([2, 2]);
      const secret = (shape: number[]) => party.zeros(shape);
      const code = (f: () => unknown): unknown => {
        try {
          f();
          return 'none';
        } catch (error) {
          return (error as { code?: string }).code;
        }
      };
      const of = (loss: Loss, target: unknown, prediction: unknown = x) =>
        code(() => loss.forward(prediction as CrypTensor, target as Operand));
      return [
        [MSELoss, L1Loss, BCELoss, BCEWithLogitsLoss, KLDivLoss, HingeLoss].flatMap((Kind) => [
          of(new Kind(), secret([2])),
          of(new Kind(), 1),
          of(new Kind(), [[1, 1, 1]]),
        ]),
        [CrossEntropyLoss, NLLLoss].flatMap((Kind) => [
          of(new Kind(), secret([3])),
          of(new Kind(), secret([2, 3])),
          of(new Kind(), 0, party.full([], 1)),
        ]),
        [
          of(new MSELoss(), [
            [Number.NaN, 0],
            [0, 0],
          ]),
          of(new BCELoss(), [
            [1, 0],
            [0, 1.5],
          ]),
          of(new HingeLoss(), [
            [1, 0],
            [1, -1],
          ]),
          of(new KLDivLoss(), [
            [1, 0],
            [-0.5, 1],
          ]),
          of(new CrossEntropyLoss(), [
            [1, 0],
            [1, 1],
          ]),
          of(new CrossEntropyLoss(), [
            [1, 0],
            [0.5, 0.25],
          ]),
          of(new CrossEntropyLoss(), [0, 2]),
          of(new CrossEntropyLoss(), [0, 0.5]),
          of(new CrossEntropyLoss(), [0, Number.NaN]),
          of(new NLLLoss(), [
            [1, 0],
            [0.5, 0.5],
          ]),
          of(new MSELoss(), [[1, 0]], [[1, 0]]),
          code(() => new MSELoss({ reduction: 'batchmean' } as never)),
          code(() => new MSELoss({ reduce: 'mean' } as never)),
          code(() => new RAPPORLoss(0.5)),
          code(() => new RAPPORLoss(1.5)),
          code(() => new RAPPORLoss(Number.NaN)),
          code(() => new KLDivLoss({ logTarget: 1 } as never)),
        ],
      ];
    });
    const [shapes, classes, values] = results[0];
    expect(shapes).deep.equal(new Array(18).fill('SHAPE'));
    expect(classes).deep.equal(new Array(6).fill('SHAPE'));
    expect(values).deep.equal(new Array(17).fill('ARGUMENT'));
  });
});
