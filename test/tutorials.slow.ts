/** Tutorials run as they are printed, and print what they say. */
import { join } from 'node:path';
import { expectPromises, programsIn } from './helpers/promises.js';
import { root } from './helpers/run-script.js';

describe('tutorials', function () {
  this.timeout(120_000);
  for (const script of programsIn('tutorials'))
    it(`${script} prints what it says`, () => expectPromises(join(root, script)));
});
