/** Programs in the clear, and with a twin that checks each operation. */
import { expect } from 'chai';
import { outcome } from './helpers/run.js';

interface Found {
  readonly plain: readonly (readonly number[])[];
  readonly three: readonly (readonly number[])[];
  readonly right: readonly (readonly number[])[];
  readonly wrong: { readonly code: string; readonly message: string };
  readonly inPlain: { readonly code: string; readonly message: string };
}

describe('runs for debugging', () => {
  it('are in the clear, or have every operation checked', async function () {
    this.timeout(30_000);
    const { plain, three, right, wrong, inPlain } = await outcome<Found>('twin.mjs');
    for (const [results, parties] of [
      [plain, 2],
      [three, 3],
      [right, 3],
    ] as const) {
      expect(results.length).equal(parties);
      for (const [size, mean] of results) {
        expect(size).equal(parties);
        expect(Math.abs(mean - 18)).below(2 ** -12);
      }
    }
    for (const { code, message } of [wrong, inPlain]) {
      expect(code).equal('TWIN_DIFFERS');
      expect(message).match(/^operation 1, (Square|Mul) of \[2\].*element 1 .*leaves the range of 2\^28/);
    }
  });
});
