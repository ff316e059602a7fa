/** Examples that train for many seconds print what they say. */
import { join } from 'node:path';
import { expectPromises, LONG_EXAMPLES } from './helpers/promises.js';
import { root } from './helpers/run-script.js';

describe('long examples', function () {
  this.timeout(600_000);
  for (const script of LONG_EXAMPLES)
    it(`${script} prints what it says`, () => expectPromises(join(root, script)));
});
