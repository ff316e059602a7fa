/** Views: what each member receives says nothing about the inputs of the others, of every protocol. */
import { expect } from 'chai';
import { compareInputs } from './helpers/views/compare-inputs.js';
import { watched } from './helpers/views/operations.js';
import { onTwoInputs } from './helpers/views/two-inputs.js';

/** Fills neither a plane's words nor a packed number's bytes. */
const N = 2052;

describe('views', () => {
  for (const parties of [2, 3])
    for (const [name, { run, twoParties, long, toldTogether }] of watched)
      if (!long && (parties === 2 || !twoParties))
        it(`${name}, ${parties} parties: two inputs cannot be told apart`, async () => {
          const { suspicions } = await compareInputs(onTwoInputs(run, N), { parties, toldTogether });
          expect(suspicions).deep.equal([]);
        });
});
