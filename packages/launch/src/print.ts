/**
 * What parties print, in rank order: each has its turn when the one before it has printed. What they tell each other is
 * that they are done, never what they printed.
 */
import { formatWithOptions } from 'node:util';
import { CrypTensor, OwnedTensor, type Party } from '@tacit/tensor';

/** Prints at this party when its turn has come; resolves when all have printed. One round a party. */
export function printInTurn(
  party: Party,
  values: readonly unknown[],
  earlier: Promise<unknown>,
): Promise<void> {
  const line = lineOf(party.rank, values); // now: what is shown may change before the turn comes
  let turn = earlier;
  for (let src = 0; src < party.worldSize; src++) {
    const own = party.rank === src ? turn.then(() => write(line)) : undefined;
    turn = party.announce(
      own?.then(() => true),
      { src },
    );
    turn.catch(() => {}); // reported by the last turn, or by the announcement that failed
  }
  return turn.then(() => {});
}

const lineOf = (rank: number, values: readonly unknown[]): string =>
  `party ${rank}: ${formatWithOptions({ colors: process.stdout.isTTY }, ...values.map(shown))}\n`;

/** A secret has no value here: its shape is what can be shown. */
function shown(value: unknown): unknown {
  if (value instanceof CrypTensor) return `CrypTensor [${value.shape}]`;
  return value instanceof OwnedTensor ? `OwnedTensor [${value.shape}] of party ${value.owner}` : value;
}

/** Settles when the launching process has the text: a thread's output goes through it. */
const write = (text: string): Promise<void> =>
  new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
