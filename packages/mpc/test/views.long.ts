/** As views.test.ts, of twice the elements and more runs, and of two parties every digit of every pair of messages. */
import { expect } from 'chai';
import { compareInputs } from './helpers/views/compare-inputs.js';
import { watched } from './helpers/views/operations.js';
import { onTwoInputs } from './helpers/views/two-inputs.js';

const N = 4100;
const RUNS = 4;

describe('views, thoroughly', () => {
  for (const parties of [2, 3, 5])
    for (const [name, { run, twoParties, long = false, toldTogether }] of watched)
      if ((parties === 2 || !twoParties) && (parties === 2 || !long))
        it(`${name}, ${parties} parties: two inputs cannot be told apart`, async () => {
          const options = { parties, toldTogether, thorough: !long && parties === 2, runs: long ? 2 : RUNS };
          const { suspicions } = await compareInputs(onTwoInputs(run, N), options);
          expect(suspicions).deep.equal([]);
        });
});
