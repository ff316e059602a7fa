/** Remainders, of public values. */
import type { PublicDefinition } from '../operation/definition.js';
import { zip } from '../plain/plain-tensor.js';
import { binary } from './shared/elementwise.js';

interface ModAttributes {
  /** With the sign of the dividend, as in C; else with that of the divisor, as in Python. */
  readonly fmod: boolean;
}

const base = binary({
  op: 'Mod',
  summary: 'remainder of x by y, broadcasting, public',
  plain: (x, y) => x % y,
});

export const definition: PublicDefinition<'Mod', ModAttributes> = {
  op: 'Mod',
  summary: base.summary,
  arity: base.arity,
  infer: base.infer,
  publicOnly: true,
  attributes: { fmod: 'bool' },
  evaluate([x, y], { fmod }) {
    const [remainder] = base.evaluate([x, y], {});
    if (fmod) return [remainder];
    return [zip(remainder, y, (r, d) => (r !== 0 && r < 0 !== d < 0 ? r + d : r))];
  },
  examples: [
    { shapes: [[2, 3], [3]], attributes: { fmod: true }, values: [-5, 3, 7, -2] },
    { shapes: [[4], []], attributes: { fmod: false }, values: [-5, 3, 7, -2] },
  ],
};
