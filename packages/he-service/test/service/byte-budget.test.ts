import { expect } from 'chai';
import { ByteBudget } from '../../src/service/byte-budget.js';

describe('budget of bytes', () => {
  const codeOf = (budget: ByteBudget, bytes: number, holder: string) => {
    try {
      budget.reserve(bytes, holder);
      return 'none';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it('has a share for every holder, and gives back once', () => {
    const budget = new ByteBudget(100, 60);
    expect(codeOf(budget, 61, 'a')).to.equal('BODY_TOO_LARGE');
    const release = budget.reserve(40, 'a');
    expect(codeOf(budget, 30, 'a')).to.equal('BYTES_IN_FLIGHT');
    const other = budget.reserve(50, 'b');
    expect(codeOf(budget, 11, 'c')).to.equal('BYTES_IN_FLIGHT');
    release();
    release();
    expect(budget.used).to.equal(50);
    expect(codeOf(budget, 50, 'a')).to.equal('none');
    other();
    expect(budget.used).to.equal(50);
    const whole = new ByteBudget(100);
    expect(codeOf(whole, 100, 'a')).to.equal('none');
  });
});
