/** What backward costs, keeps, frees and refuses. */
import { ArgumentError, ShapeError } from '@tacit/errors';
import { costEngine, DisposedError, defaultConfig } from '@tacit/mpc';
import { Ring } from '@tacit/ring';
import { expect } from 'chai';
import { type CrypTensor, cat, GradientError, noGrad, Party, stack, tidy, where } from '../../src/index.js';
import { runParties } from '../helpers/parties.js';

/** Operations that a program issues, by an engine that only counts. */
async function issued(program: (party: Party, mark: () => void) => void) {
  const engine = costEngine(await Ring.load(), 2, defaultConfig);
  let marked = 0;
  program(new Party(engine), () => {
    marked = engine.session.operations.length;
  });
  return engine.session.operations.slice(marked);
}

const shapesOf = (operations: Awaited<ReturnType<typeof issued>>, kind: string) =>
  operations.filter((operation) => operation.kind === kind).map(({ shape }) => shape);

/** The gradients of a program's inputs, which all parties must agree on. */
async function gradients(
  program: (...x: CrypTensor[]) => CrypTensor,
  inputs: readonly number[][],
  { parties = 2, delays = undefined as number | undefined } = {},
): Promise<(number[] | undefined)[]> {
  const results = await runParties(
    parties,
    async (party) => {
      const xs = inputs.map((values, i) => party.cryptensor(values, { src: i % 2, requiresGrad: true }));
      program(...xs).backward();
      return Promise.all(
        xs.map(async ({ grad }) => grad && Array.from((await grad.revealFloat64())?.data ?? [])),
      );
    },
    { delays },
  );
  for (const other of results) expect(other).deep.equal(results[0]);
  return results[0];
}

const near = (made: readonly number[] | undefined, wanted: readonly number[]) =>
  wanted.forEach((v, i) => {
    expect(made?.[i]).closeTo(v, 2 ** -10);
  });

describe('backward', () => {
  it('adds up over all paths, and over calls', async () => {
    const [x] = await gradients((x) => x.mul(x).add(x).sum(), [[1, -2, 0.5]]);
    near(x, [3, -3, 2]);
    const sums = await runParties(2, async (party) => {
      const x = party.cryptensor([2, 3], { src: 0, requiresGrad: true });
      for (let i = 0; i < 3; i++) x.square().sum().backward();
      const first = await x.grad?.revealFloat64();
      x.grad = undefined as CrypTensor | undefined;
      expect(x.grad).equal(undefined);
      x.mul(5).sum().backward();
      return [first?.data, (await x.grad?.revealFloat64())?.data];
    });
    near(Array.from(sums[0][0] ?? []), [12, 18]);
    near(Array.from(sums[0][1] ?? []), [5, 5]);
  });

  it('is the same for 2, 3 and 5 parties, with delays', async () => {
    const program = (x: CrypTensor, y: CrypTensor) => x.mul(y).sigmoid().mul(x).sum();
    const expected = await gradients(program, [
      [1, -2],
      [0.5, 1],
    ]);
    for (const parties of [3, 5]) {
      const made = await gradients(
        program,
        [
          [1, -2],
          [0.5, 1],
        ],
        { parties, delays: 5 },
      );
      made.forEach((values, i) => {
        near(values, expected[i] ?? []);
      });
    }
  });

  it('flows through functions of several tensors, parts and broadcasting', async () => {
    const [x, y] = await gradients(
      (x, y) => {
        const joined = cat([x.mul(2), y], 0);
        const two = stack([x, y]);
        const chosen = where([true, false, true], x, y.mul(3));
        const [head, tail] = joined.split([2, 4]);
        const row = two.unbind(0)[1].at('::2');
        return head.sum().add(tail.mul(10).sum()).add(chosen.sum()).add(row.square().sum());
      },
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    );
    near(x, [3, 2, 21]);
    near(y, [18, 13, 22]);
    const [a, b] = await gradients(
      (a, b) =>
        a
          .reshape([2, 1])
          .mul(b.reshape([1, 3]))
          .sum(),
      [
        [1, 2],
        [3, 4, 5],
      ],
    );
    near(a, [12, 12]);
    near(b, [3, 3, 3]);
  });

  it('takes a gradient to start from, secret or public', async () => {
    const [made] = await runParties(2, async (party) => {
      const x = party.cryptensor([1, 2, 3], { src: 0, requiresGrad: true });
      x.square().backward([1, 0, -1]);
      const first = await x.grad?.revealFloat64();
      x.grad = undefined as CrypTensor | undefined;
      x.square().backward(party.cryptensor([0, 2, 0], { src: 1 }));
      return [first?.data, (await x.grad?.revealFloat64())?.data];
    });
    near(Array.from(made[0] ?? []), [2, 0, -6]);
    near(Array.from(made[1] ?? []), [0, 8, 0]);
  });

  it('leaves a gradient that can be replaced, as by a clipped one', async () => {
    const [made] = await runParties(2, async (party) => {
      const x = party.cryptensor([1, 20], { src: 0, requiresGrad: true });
      x.square().sum().backward();
      tidy(x.context, () => {
        x.grad = x.grad?.clip(-5, 5);
      });
      x.sum().backward();
      return (await x.grad?.revealFloat64())?.data;
    });
    near(Array.from(made ?? []), [3, 6]);
  });

  it('does not need the handles of what lies between', async () => {
    const [x] = await gradients(
      (x) => {
        const y = tidy(x.context, () => x.mul(3).relu().mul(x));
        const loss = y.sum();
        y.dispose();
        return loss;
      },
      [[1, -1, 2]],
    );
    near(x, [6, 0, 12]);
  });

  it('reuses what the forward pass has opened', async () => {
    const operations = await issued((party, mark) => {
      const x = party.cryptensor(undefined, { src: 0, shape: [4, 6], requiresGrad: true });
      const w = party.cryptensor(undefined, { src: 1, shape: [6, 3], requiresGrad: true });
      const dy = party.cryptensor(undefined, { src: 1, shape: [4, 3] });
      const y = x.matmul(w);
      mark();
      y.backward(dy);
    });
    // Only the incoming gradient is new; it is opened once for both products.
    expect(shapesOf(operations, 'mask')).deep.equal([[4, 3]]);
  });

  it('opens nothing anew of operands that were truncated on their way', async () => {
    const operations = await issued((party, mark) => {
      const x = party.cryptensor(undefined, { src: 0, shape: [4, 6] });
      const v = party.cryptensor(undefined, { src: 1, shape: [6, 5], requiresGrad: true });
      const w = party.cryptensor(undefined, { src: 1, shape: [5, 3], requiresGrad: true });
      const dy = party.cryptensor(undefined, { src: 1, shape: [4, 3] });
      const y = x.matmul(v).reshape([4, 5]).matmul(w);
      mark();
      y.backward(dy);
    });
    expect(shapesOf(operations, 'mask')).deep.equal([
      [4, 3],
      [4, 5],
    ]);
  });

  it('costs nothing for tensors whose gradient nobody wants', async () => {
    const count = (wanted: boolean) =>
      issued((party, mark) => {
        const x = party.cryptensor(undefined, { src: 0, shape: [4, 6], requiresGrad: wanted });
        const w = party.cryptensor(undefined, { src: 1, shape: [6, 3], requiresGrad: true });
        const dy = party.cryptensor(undefined, { src: 1, shape: [4, 3] });
        const y = x.matmul(w);
        mark();
        y.backward(dy);
        expect(x.grad !== undefined).equal(wanted);
      });
    const linear = async (wanted: boolean) => shapesOf(await count(wanted), 'linear');
    expect(await linear(false)).deep.equal([[6, 3]]);
    expect(await linear(true)).deep.equal([
      [4, 6],
      [6, 3],
    ]);
    const bytes = async (program: (x: CrypTensor) => void, wanted: boolean) =>
      (
        await issued((party) => {
          program(party.cryptensor(undefined, { src: 0, shape: [64], requiresGrad: wanted }));
        })
      ).reduce((sum, operation) => sum + operation.bytes, 0);
    const program = (x: CrypTensor) => x.relu().sigmoid().mul(x).logSoftmax(0);
    expect(await bytes((x) => program(x.detach()), true)).equal(await bytes(program, false));
    expect(await bytes((x) => noGrad(() => program(x)), true)).equal(await bytes(program, false));
  });

  it('costs no comparison for a ReLU', async () => {
    const operations = await issued((party, mark) => {
      const x = party.cryptensor(undefined, { src: 0, shape: [300], requiresGrad: true });
      const y = x.relu();
      mark();
      y.backward(party.cryptensor(undefined, { src: 1, shape: [300] }));
    });
    expect(operations.filter(({ kind }) => kind.startsWith('relu') || kind.startsWith('non-'))).deep.equal(
      [],
    );
    expect(operations.reduce((most, { rounds }) => Math.max(most, rounds), 0)).equal(1);
  });

  it('gives independent gradients their rounds together', async () => {
    const depth = async (count: number) => {
      const engine = costEngine(await Ring.load(), 2, defaultConfig);
      const party = new Party(engine);
      const xs = Array.from({ length: count }, () =>
        party.cryptensor(undefined, { src: 0, shape: [8], requiresGrad: true }),
      );
      const dy = party.cryptensor(undefined, { src: 1, shape: [8 * count] });
      cat(xs.map((x) => x.sigmoid())).backward(dy);
      for (const x of xs) x.grad?.revealFloat64();
      return engine.session.rounds;
    };
    expect(await depth(5)).equal(await depth(1));
  });

  it('passes once, and says so', () =>
    runParties(2, async (party) => {
      const x = party.cryptensor([1], { src: 0, requiresGrad: true });
      const y = x.square();
      y.backward();
      expect(() => y.backward()).throws(GradientError, 'passed here before');
      const z = x.square();
      const [a, b] = [z.add(1), z.add(2)];
      a.backward();
      expect(() => b.backward()).throws(GradientError);
    }));

  it('refuses tensors from which nothing flows, and gradients of other shapes', () =>
    runParties(2, async (party) => {
      const x = party.cryptensor([1, 2], { src: 0 });
      expect(() => x.sum().backward()).throws(GradientError, 'requiresGrad');
      x.requiresGrad = true;
      expect(() => x.square().backward()).throws(ShapeError, 'sum()');
      expect(() => x.square().backward([1, 2, 3])).throws(ShapeError);
      expect(() => x.square().backward([[1, 2]])).throws(ShapeError);
      expect(() => x.square().detach().sum().backward()).throws(GradientError);
      expect(() => noGrad(() => x.square().sum()).backward()).throws(GradientError);
      expect(() => {
        x.square().requiresGrad = false;
      }).throws(ArgumentError, 'detach');
      expect(() => {
        (x as { grad: unknown }).grad = [1, 2];
      }).throws(ArgumentError);
      expect(() => {
        x.grad = x.sum();
      }).throws(ShapeError);
      expect(() => {
        x.square().grad = x;
      }).throws(ArgumentError);
      expect(() => x.shuffle()).throws(GradientError, 'detach');
      expect(noGrad(() => x.shuffle()).requiresGrad).equal(false);
      expect(() => noGrad(async () => x)).throws(ArgumentError, 'await');
      expect(() => party.cryptensor([1], { src: 0, requiresGrad: 1 as never })).throws(ArgumentError);
      expect(x.grad).equal(undefined);
    }));

  it('is asked for and left on tensors, not on what is computed in the meantime', () =>
    runParties(2, async (party) => {
      const x = party.cryptensor([3], { src: 0 });
      const before = x.square();
      x.requiresGrad = true;
      const after = x.square();
      expect([before.requiresGrad, after.requiresGrad, x.detach().requiresGrad]).deep.equal([
        false,
        true,
        false,
      ]);
      x.requiresGrad = false;
      expect(x.requiresGrad).equal(false);
      after.backward();
      expect(x.grad).equal(undefined);
    }));

  it('handles empty tensors and single numbers', async () => {
    const [none] = await gradients((x) => x.square().sum(), [[]]);
    expect(none).deep.equal([]);
    const [made] = await runParties(2, async (party) => {
      const x = party.cryptensor(3, { src: 0, requiresGrad: true });
      x.square().backward();
      return x.grad?.item();
    });
    expect(made).closeTo(6, 2 ** -12);
  });

  it('is of a disposed tensor an error', () =>
    runParties(2, async (party) => {
      const x = party.cryptensor([1], { src: 0, requiresGrad: true });
      const y = x.mul(x);
      const z = y.relu();
      y.dispose();
      expect(() => y.relu()).throws(DisposedError);
      z.backward();
      x.dispose();
      expect(() => x.relu()).throws(DisposedError);
    }));
});
