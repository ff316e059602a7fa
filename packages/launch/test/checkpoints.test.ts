/** Models, optimisers and schedules in files of shares. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Linear, type Module, MSELoss, optim, Sequential, Tanh } from '@tacit/nn';
import type { Party } from '@tacit/tensor';
import { endings, simulate } from '@tacit/testing/tensors';
import { expect } from 'chai';
import { runInProcess } from '../src/in-process.js';
import { loadShares, saveShares } from '../src/kept-shares.js';

const folder = mkdtempSync(join(tmpdir(), 'tacit-checkpoints-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const network = (hidden = 4): Module =>
  new Sequential(new Linear(3, hidden), new Tanh(), new Linear(hidden, 2));

/** Deterministic values at party 0. */
function encrypted(party: Party, model = network()): Module {
  let seed = 1;
  for (const parameter of model.parameters())
    parameter.data = Float64Array.from({ length: parameter.shape.reduce((a, b) => a * b, 1) }, () =>
      Math.sin(seed++ * 1.7),
    );
  return model.encrypt(party, { src: 0 });
}

async function step(party: Party, model: Module, optimizer: optim.Optimizer): Promise<number | undefined> {
  optimizer.zeroGrad();
  const x = party
    .cryptensor(
      Array.from({ length: 15 }, (_, i) => Math.cos(i)),
      { src: 1 },
    )
    .reshape([5, 3]);
  const y = party
    .cryptensor(
      Array.from({ length: 10 }, (_, i) => Math.sin(3 * i)),
      { src: 0 },
    )
    .reshape([5, 2]);
  const loss = new MSELoss().forward(model.forward(x), y);
  loss.backward();
  optimizer.step();
  return loss.item();
}

const RULES: Record<string, (model: Module) => optim.Optimizer> = {
  'SGD with momentum': (model) => new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }),
  Adam: (model) => new optim.Adam(model.parameters(), { lr: 0.05 }),
};

describe('checkpoints', () => {
  for (const [name, make] of Object.entries(RULES))
    for (const parties of name === 'Adam' ? [2, 3] : [2])
      it(`of ${name} go on in a new session of ${parties} parties as if it had not ended`, async function () {
        this.timeout(30_000);
        const path = join(folder, `${name}${parties}`);
        const first = await simulate({ parties }, async (party) => {
          const model = encrypted(party);
          const optimizer = make(model);
          const scheduler = new optim.lrScheduler.StepLR(optimizer, 2, 0.5);
          const losses: (number | undefined)[] = [];
          for (let i = 0; i < 5; i++) {
            losses.push(await step(party, model, optimizer));
            scheduler.step();
            if (i === 2)
              await saveShares(party, path, {
                model,
                optimizer,
                scheduler,
                epoch: i,
                note: ['after', { three: true }],
                x: party.ones([2]),
              });
          }
          return losses;
        });
        const second = await simulate({ parties }, async (party) => {
          const saved = await loadShares(party, path, 'load');
          // Values that do not matter any more.
          const model = network().encrypt(party, { src: 'nobody' });
          const optimizer = make(model);
          const scheduler = new optim.lrScheduler.StepLR(optimizer, 2, 0.5);
          model.loadState(saved.model);
          optimizer.loadState(saved.optimizer);
          scheduler.loadState(saved.scheduler);
          const losses: (number | undefined)[] = [];
          const rates: number[] = [];
          for (let i = 3; i < 5; i++) {
            rates.push(optimizer.lr);
            losses.push(await step(party, model, optimizer));
            scheduler.step();
          }
          const { epoch, note, x } = saved as Record<string, unknown>;
          return { losses, rates, rest: [epoch, note], x: (x as { shape: number[] }).shape };
        });
        const lr = make === RULES.Adam ? 0.05 : 0.1;
        for (const { losses, rates, rest, x } of second.results) {
          expect(rates).deep.equal([lr / 2, lr / 4]);
          expect(rest).deep.equal([2, ['after', { three: true }]]);
          expect(x).deep.equal([2]);
          losses.forEach((loss, i) => {
            expect(loss).closeTo(first.results[0][3 + i] ?? Number.NaN, 2 ** -10);
          });
        }
      });

  it('keep all bits of weights, and no values in the clear', async () => {
    const path = join(folder, 'bits');
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const model = encrypted(party);
      const sgd = new optim.SGD(model.parameters(), { lr: 0.0003 });
      await step(party, model, sgd);
      await saveShares(party, path, { model });
      const { model: saved } = await loadShares<{ model: Record<string, { scale: number }> }>(
        party,
        path,
        'load',
      );
      return Object.values(saved).map(({ scale }) => scale);
    });
    for (const scales of results) expect(scales).deep.equal(new Array(4).fill(34));
    const header = readFileSync(`${path}.0`).toString('latin1');
    expect(header).contains('model/0.weight').not.contains('0.99');
  });

  it('of another model or optimiser are refused, and change nothing', async function () {
    this.timeout(20_000);
    const path = join(folder, 'other');
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const model = encrypted(party);
      const optimizer = RULES.Adam(model);
      await step(party, model, optimizer);
      await saveShares(party, path, { model, optimizer, x: party.ones([1]) });
      const saved = await loadShares(party, path, 'load');
      const larger = encrypted(party, network(5));
      const fewer = encrypted(party, new Sequential(new Linear(3, 4), new Tanh()));
      const before = await larger.decrypt();
      const messages = [
        () => larger.loadState(saved.model),
        () => fewer.loadState(saved.model),
        () => larger.loadState(saved.x),
        () => larger.loadState(undefined as never),
        () => RULES.Adam(larger).loadState(saved.optimizer),
        () => RULES['SGD with momentum'](model).loadState(saved.optimizer),
        () => RULES.Adam(model).loadState(saved.model as never),
        () => RULES.Adam(model).loadState(saved.x),
      ].map((load) => {
        try {
          load();
          return 'loaded';
        } catch (error) {
          const { code, message } = error as { code?: string; message: string };
          return `${code}: ${message}`;
        }
      });
      return { messages, before, after: await larger.decrypt() };
    });
    for (const { messages, before, after: later } of results) {
      for (const message of messages) expect(message).match(/^ARGUMENT: /);
      expect(messages[0]).contains("'0.weight' has the shape [5,3], not [4,3]");
      expect(messages[1]).contains('with 2.weight, 2.bias');
      expect(messages[5]).contains('of Adam, not SGD');
      expect(later).deep.equal(before);
    }
  });

  it('are of what is encrypted, shared, public, and the same at all parties', async function () {
    this.timeout(20_000);
    const path = join(folder, 'bad');
    const ended = await endings({ parties: 2 }, async (party) => {
      const codes: unknown[] = [];
      const owned = new Linear(2, 2).encrypt(party, { src: 0, mode: 'owned' });
      for (const bad of [
        { model: new Linear(2, 2) },
        { model: owned },
        { x: Number.NaN },
        { x: undefined },
        { x: new Map() },
        { x: [party] },
        { x: new Float64Array(2) },
      ])
        await saveShares(party, path, bad as never).catch(({ code }) => codes.push(code));
      const found = await saveShares(party, path, { x: party.rank }).catch(({ code }) => code);
      return [...codes, found];
    });
    for (const { value } of ended.slice(0, 2))
      expect(value).deep.equal([...new Array(7).fill('ARGUMENT'), 'SHARES_MISMATCH']);
  });

  it('have names of their own beside tensors of such names', async () => {
    const path = join(folder, 'names');
    const { results } = await simulate({ parties: 2 }, async (party) => {
      const state = { stateDict: () => ({ w: party.full([1], 2), deep: [{ w: party.full([1], 3) }] }) };
      await saveShares(party, path, { 'm/w': party.full([1], 1), m: state, 'm/w*': party.full([1], 4) });
      const saved = await loadShares<{
        'm/w': { item(): unknown };
        m: { w: { item(): unknown }; deep: [{ w: { item(): unknown } }] };
        'm/w*': { item(): unknown };
      }>(party, path, 'load');
      const { m } = saved;
      const all = [saved['m/w'], m.w, m.deep[0].w, saved['m/w*']];
      return Promise.all(all.map((x) => x.item()));
    });
    for (const values of results) expect(values).deep.equal([1, 2, 3, 4]);
  });

  it('are kept in the plain suite, too', async () => {
    const path = join(folder, 'plain');
    const results = await runInProcess({ worldSize: 2 }, async (party) => {
      const model = encrypted(party);
      const optimizer = RULES.Adam(model);
      await step(party, model, optimizer);
      await saveShares(party, path, { model, optimizer });
      const saved = await loadShares(party, path, 'load');
      const again = network().encrypt(party, { src: 0 });
      again.loadState(saved.model);
      const other = RULES.Adam(again);
      other.loadState(saved.optimizer);
      return [await step(party, model, optimizer), await step(party, again, other)];
    });
    for (const [a, b] of results) expect(b).equal(a);
  });
});
