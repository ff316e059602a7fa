/** All test digits that there are, through every MNIST model in private. */
import { expectDigits } from './helpers/digits.js';

describe('fixture models, many digits', () => {
  it('1,000 test digits, every MNIST model: the plaintext prediction on at least 999', () =>
    expectDigits(1000, 999));
});
