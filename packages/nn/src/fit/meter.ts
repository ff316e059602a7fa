/** What something took. */
import type { Engine } from '@tacit/mpc';

/** Rounds, bytes and time at one party. */
export interface Taken {
  /** Rounds on the longest chain of messages. */
  readonly rounds: number;
  /** Bytes that this party sent. */
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * Starts to count.
 * @param engine this party's side of the computation
 * @returns what was taken since then, each time it is called
 */
export function meter({ stats }: Engine): () => Taken {
  const read = () => ({
    rounds: stats.snapshot().rounds,
    bytes: stats.snapshot().total.bytesSent,
    seconds: performance.now() / 1000,
  });
  const start = read();
  return () => {
    const now = read();
    return {
      rounds: now.rounds - start.rounds,
      bytes: now.bytes - start.bytes,
      seconds: now.seconds - start.seconds,
    };
  };
}
