/** Tensors in single precision look like all others, and stay narrow where elements only move. */
import { expect } from 'chai';
import {
  applyPlain,
  gatherTensor,
  numbersOf,
  plainTensor,
  withNumbersOf,
  withSingles,
} from '../src/index.js';

const singles = () => withSingles({ shape: [2, 3] }, Float32Array.of(0.1, 2, 3, 4, 5, -0));

describe('numbers in single precision', () => {
  it('are the same doubles', () => {
    const x = singles();
    expect([...x.data]).deep.equal([Math.fround(0.1), 2, 3, 4, 5, -0]);
    expect(x.data).equal(x.data);
    expect(x).deep.equal(plainTensor([2, 3], x.data));
    expect({ ...x }.data).equal(x.data);
  });

  it('stay so in a tensor of another shape, and are not lost in a copy', () => {
    const x = singles();
    const flat = withNumbersOf({ shape: [6] }, x);
    expect(numbersOf(flat)).equal(numbersOf(x)).instanceOf(Float32Array);
    expect(numbersOf({ ...x })).instanceOf(Float64Array);
    const wide = plainTensor([1], [7]);
    expect(numbersOf(withNumbersOf({ shape: [] }, wide))).equal(wide.data);
  });

  it('stay so where elements move, and become doubles where they are computed with', () => {
    const x = singles();
    const turned = applyPlain('Transpose', { perm: [1, 0] }, [x]);
    expect(numbersOf(turned)).instanceOf(Float32Array);
    expect([...turned.data]).deep.equal([Math.fround(0.1), 4, 2, 5, 3, -0]);
    expect(numbersOf(applyPlain('Neg', {}, [x]))).instanceOf(Float64Array);
  });

  it('of matrices beyond one square are gathered as by the definition', () => {
    const [rows, columns] = [70, 45];
    const x = plainTensor(
      [columns, rows],
      Array.from({ length: rows * columns }, (_, i) => i),
    );
    const { data } = gatherTensor(x, [rows, columns], [1, rows]);
    const right = Array.from(data, (_, i) => (i % columns) * rows + Math.floor(i / columns));
    expect([...data]).deep.equal(right);
  });
});
