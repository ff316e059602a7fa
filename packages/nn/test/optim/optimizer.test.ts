/** What all optimisers and schedules do: state, errors, learning rates. */
import type { CrypTensor, Party } from '@tacit/tensor';
import { endings, simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import { Linear, type Module, MSELoss, optim, Parameter, Sequential, Tanh } from '../../src/index.js';
import { noise } from '../helpers/plain-training.js';

const { StepLR, CosineLR } = optim.lrScheduler;

function network(party: Party, sizes: readonly [number, number, number] = [3, 4, 2]): Module {
  const [a, b, c] = sizes;
  const model = new Sequential(new Linear(a, b), new Tanh(), new Linear(b, c));
  [...model.parameters()].forEach((parameter, i) => {
    parameter.data = noise(
      parameter.shape.reduce((x, y) => x * y, 1),
      i,
    );
  });
  return model.encrypt(party, { src: 0 });
}

function step(party: Party, model: Module, optimizer: optim.Optimizer): void {
  optimizer.zeroGrad();
  const x = party.cryptensor(noise(12, 8), { src: 1, shape: [4, 3] });
  const y = party.cryptensor(noise(8, 9), { src: 0, shape: [4, 2] });
  new MSELoss().forward(model.forward(x), y).backward();
  optimizer.step();
}

const weights = async (model: Module): Promise<number[]> =>
  Object.values((await model.decrypt()) ?? {}).flatMap(({ data }) => [...data]);

const codeOf = (f: () => unknown): unknown => {
  try {
    f();
    return 'none';
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('optimisers', () => {
  for (const make of [
    (model: Module) => new optim.SGD(model.parameters(), { lr: 0.1 }),
    (model: Module) => new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }),
    (model: Module) => new optim.Adam(model.parameters(), { lr: 0.05 }),
  ])
    it('go on from their state as if they had not stopped', async function () {
      this.timeout(20_000);
      const { results } = await simulate({ parties: 2 }, async (party) => {
        const model = network(party);
        const optimizer = make(model);
        step(party, model, optimizer);
        step(party, model, optimizer);
        optimizer.lr = 0.02;
        // A second one of the same state, with tensors of its own.
        const copy = network(party);
        const { slots, ...rest } = optimizer.stateDict();
        const state = {
          ...rest,
          slots: Object.fromEntries(Object.entries(slots).map(([name, slot]) => [name, slot.clone()])),
        };
        const values = Object.entries(model.stateDict()).map(([name, value]) => [
          name,
          (value as CrypTensor).detach(),
        ]);
        copy.loadState(Object.fromEntries(values));
        const other = make(copy);
        other.loadState(state);
        for (const [m, o] of [
          [model, optimizer],
          [copy, other],
        ] as const) {
          step(party, m, o);
          step(party, m, o);
        }
        return [await weights(model), await weights(copy), [optimizer.lr, other.lr]];
      });
      const [a, b, rates] = results[0];
      expect(rates).deep.equal([0.02, 0.02]);
      a.forEach((v, i) => {
        expect(b[i]).closeTo(v, 2 ** -10);
      });
    });

  it('add up steps far below a unit in the last place', async () => {
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const model = new Linear(1, 1, { bias: false });
      model.weight.data = Float64Array.of(0.5);
      model.encrypt(party, { src: 0 });
      const sgd = new optim.SGD(model.parameters(), { lr: 2 ** -20 });
      for (let i = 0; i < 64; i++) {
        (model.weight.operand as CrypTensor).backward(party.cryptensor([[0.75]], { src: 0 }));
        sgd.step();
      }
      return (await model.weight.reveal({}))?.data[0];
    });
    expect(results[0]).closeTo(0.5 - 64 * 0.75 * 2 ** -20, 2 ** -16);
  });

  it('keep what is left of weights of two scales', async () => {
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const data = Float64Array.of(3.5, 2 ** -12 + 2 ** -20);
      const parameter = new Parameter([2], { data, scales: [10, 24] });
      parameter.encrypt(party, 0, 'shared');
      const sgd = new optim.SGD([parameter], { lr: 0.5 });
      (parameter.operand as CrypTensor).backward(party.cryptensor([1, 2 ** -11], { src: 0 }));
      sgd.step();
      const told = (parameter.operand as CrypTensor).mul(2 ** 8);
      return (await told.revealFloat64())?.data;
    });
    expect((results[0]?.[0] ?? 0) / 2 ** 8).closeTo(3, 2 ** -10);
    expect((results[0]?.[1] ?? 0) / 2 ** 8).closeTo(2 ** -20, 2 ** -23);
  });

  it('do nothing without a gradient', async () => {
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const model = network(party);
      const before = await weights(model);
      const adam = new optim.Adam(model.parameters());
      adam.step();
      const { parameters, slots } = adam.stateDict();
      return [before, await weights(model), parameters.map(({ steps }) => steps), Object.keys(slots)];
    });
    const [before, after, steps, slots] = results[0];
    expect(after).deep.equal(before);
    expect([steps, slots]).deep.equal([[0, 0, 0, 0], []]);
  });

  it('refuse what makes no sense', async () => {
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const model = network(party);
      const all = [...model.parameters()];
      const { SGD, Adam } = optim;
      const rates = [0, -1, Number.NaN, Infinity, undefined, '1'].flatMap((lr) => [
        () => new SGD(all, { lr } as never),
        () => new Adam(all, { lr: lr ?? null } as never),
        () => {
          new SGD(all, { lr: 1 }).lr = lr as number;
        },
      ]);
      return [
        ...rates,
        () => new SGD([], { lr: 1 }),
        () => new SGD(undefined as never, { lr: 1 }),
        () => new SGD([1] as never, { lr: 1 }),
        () => new SGD(all, undefined as never),
        () => new SGD(all, { lr: 1, momentun: 0.9 } as never),
        () => new SGD(all, { lr: 1, momentum: Number.NaN }),
        () => new SGD(all, { lr: 1, nesterov: true }),
        () => new SGD(all, { lr: 1, nesterov: 1 } as never),
        () => new SGD([...all, all[0]], { lr: 1 }),
        () => new Adam(all, { betas: [0.9] } as never),
        () => new Adam(all, { betas: [0.9, 1] }),
        () => new Adam(all, { betas: 0.9 } as never),
        () => new Adam(all, { eps: -1 }),
        () => new Adam(all, { amsgrad: true } as never),
        () => new StepLR(new SGD(all, { lr: 1 }), 0),
        () => new StepLR(new SGD(all, { lr: 1 }), 1, 0),
        () => new CosineLR(new SGD(all, { lr: 1 }), 1.5),
        () => new CosineLR(1 as never, 2),
      ].map(codeOf);
    });
    for (const code of results[0]) expect(code).equal('ARGUMENT');
  });

  it('refuse parameters of another party, and those that an owner keeps', async () => {
    const kept: Module[] = [];
    const ended = await endings({ parties: 2 }, async (party) => {
      kept[party.rank] = network(party);
      await party.announce(1, { src: 0 });
      await party.announce(1, { src: 1 });
      const both = [...kept[0].parameters(), ...kept[1].parameters()];
      const owned = new Linear(2, 2).encrypt(party, { src: 0, mode: 'owned' });
      return [
        codeOf(() => new optim.SGD(both, { lr: 1 })),
        codeOf(() => new optim.SGD(owned.parameters(), { lr: 1 }).step()),
        codeOf(() => new optim.SGD(new Linear(2, 2).parameters(), { lr: 1 }).step()),
      ];
    });
    for (const { value } of ended.slice(0, 2))
      expect(value).deep.equal(['ARGUMENT', 'ARGUMENT', 'MODEL_NOT_ENCRYPTED']);
  });

  it('refuse the state of another optimiser or model, and change nothing', async function () {
    this.timeout(20_000);
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const model = network(party);
      const adam = new optim.Adam(model.parameters(), { lr: 0.05 });
      step(party, model, adam);
      const good = adam.stateDict();
      const larger = network(party, [3, 5, 2]);
      const others = [
        new optim.SGD(model.parameters(), { lr: 1 }).stateDict(),
        new optim.Adam(larger.parameters()).stateDict(),
        new optim.Adam([...model.parameters()].slice(1)).stateDict(),
        { ...good, lr: Number.NaN },
        { ...good, parameters: good.parameters.map((p) => ({ ...p, name: 'w' })) },
        { ...good, slots: {} },
        { ...good, slots: { ...good.slots, '9.mean': good.slots['0.mean'] } },
        { ...good, slots: { ...good.slots, '0.mean': good.slots['1.mean'] } },
        { ...good, slots: { ...good.slots, '0.mean': [[1]] } },
        { ...good, parameters: good.parameters.map((p) => ({ ...p, steps: -1 })) },
        null,
        undefined,
        good.slots['0.mean'],
        {},
      ];
      const messages = others.map((state) => {
        try {
          adam.loadState(state as never);
          return ['loaded'];
        } catch (error) {
          const { code, message } = error as { code?: string; message: string };
          return [code, message];
        }
      });
      adam.loadState(good);
      step(party, model, adam);
      return [messages, adam.stateDict().parameters[0].steps, await weights(model)] as const;
    });
    const [messages, steps] = results[0];
    expect(messages.map(([code]) => code)).deep.equal(new Array(messages.length).fill('ARGUMENT'));
    expect(messages[0][1]).contains('of SGD, not Adam');
    expect(messages[1][1]).contains("parameter 0, 'weight', has the shape [4,3], not [5,3]");
    expect(steps).equal(2);
  });
});

describe('schedules', () => {
  it('set learning rates as PyTorch does, and go on from their state', async () => {
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const model = network(party);
      const rates = (make: (optimizer: optim.Optimizer) => optim.lrScheduler.LRScheduler): number[] => {
        const optimizer = new optim.SGD(model.parameters(), { lr: 0.4 });
        const scheduler = make(optimizer);
        const found = Array.from({ length: 3 }, () => {
          scheduler.step();
          return optimizer.lr;
        });
        const again = new optim.SGD(model.parameters(), { lr: 7 });
        const next = make(again);
        next.loadState(JSON.parse(JSON.stringify(scheduler.stateDict())));
        found.push(again.lr);
        next.step();
        next.step();
        return [...found, next.lr];
      };
      const bad = new StepLR(new optim.SGD(model.parameters(), { lr: 1 }), 1);
      return [
        rates((o) => new StepLR(o, 2, 0.5)),
        rates((o) => new CosineLR(o, 4)),
        rates((o) => new CosineLR(o, 4, 0.1)),
        [
          codeOf(() => bad.loadState({ scheduler: 'CosineLR', base: 1, epochs: 1 })),
          codeOf(() => bad.loadState({ scheduler: 'StepLR', base: Number.NaN, epochs: 1 })),
          codeOf(() => bad.loadState(undefined as never)),
        ],
      ];
    });
    const [steps, cosine, least, codes] = results[0];
    expect(steps).deep.equal([0.4, 0.2, 0.2, 0.2, 0.1]);
    [1, 2, 3].forEach((t, i) => {
      expect(cosine[i]).closeTo(0.2 * (1 + Math.cos((Math.PI * t) / 4)), 1e-12);
    });
    expect(cosine[4]).equal(0);
    expect(least[4]).closeTo(0.1, 1e-12);
    expect(codes).deep.equal(['ARGUMENT', 'ARGUMENT', 'ARGUMENT']);
  });
});
