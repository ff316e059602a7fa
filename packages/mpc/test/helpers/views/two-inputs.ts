/** Programs of two operands, of the first and the last party, for two inputs that differ as much as they may. */
import { randomInteger } from '@tacit/testing';
import { shareInput } from '../../../src/protocols/input.js';
import { words } from '../parties.js';
import type { TwoInputs } from './compare-inputs.js';
import type { Operation } from './operations.js';

/** Operands are below that in size. */
const LIMIT = 2 ** 5;

/**
 * An operation on zeros, and on numbers of the range that examples are made for. All runs get the same.
 * @param operation what is run
 * @param n elements, a multiple of 4
 * @returns what compareInputs takes
 */
export function onTwoInputs(operation: Operation, n: number): TwoInputs {
  const draw = () => words(Array.from({ length: n }, () => BigInt(randomInteger(2 * LIMIT - 1) - LIMIT + 1)));
  const zeros = words(new Array(n).fill(0n));
  const inputs = [
    { x: zeros, y: zeros },
    { x: draw(), y: draw() },
  ];
  return (session, which) => {
    const { x, y } = inputs[which];
    const last = session.parties - 1;
    const share = (source: number, value: typeof x) =>
      shareInput(session, source, [n], session.rank === source ? value : undefined);
    return operation(session, {
      x: share(0, x),
      y: share(last, y),
      own: session.rank === last ? y : undefined,
      drop: { f: 2, l: 8 },
    });
  };
}
