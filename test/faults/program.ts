/** What parties compute while the network fails: inputs, products, ReLU, reveals; and what comes out in the clear. */
import type { Party } from '@tacit/tensor';

const numbers = (count: number, step: number, low: number, high: number): number[] =>
  Array.from({ length: count }, (_, i) => low + ((high - low) * ((i * step + step) % 97)) / 97);

/** Of the last step; each step reveals. */
export async function compute(
  party: Party,
  steps: number,
  elements: number,
  atStep: (step: number) => unknown,
): Promise<number[]> {
  let x = party.cryptensor(numbers(elements, 7, -4, 4), { src: 0 });
  const y = party.cryptensor(numbers(elements, 11, 0.5, 1), { src: 1 });
  let seen: ArrayLike<number> = [];
  for (let step = 0; step < steps; step++) {
    await atStep(step);
    x = x.mul(y).relu().sub(0.5);
    seen = (await x.getPlainText()).data as ArrayLike<number>;
  }
  return Array.from(seen);
}

/** The same by plain arithmetic. */
export function computePlain(steps: number, elements: number): number[] {
  const y = numbers(elements, 11, 0.5, 1);
  let x = numbers(elements, 7, -4, 4);
  for (let step = 0; step < steps; step++) x = x.map((value, i) => Math.max(0, value * y[i]) - 0.5);
  return x;
}
