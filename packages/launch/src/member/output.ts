/** Output of a script that runs again inside a party is dropped until the party's function starts. */

/** Drops what is written to stdout and stderr from now on. Returns how to stop that. */
export function silenceOutput(): () => void {
  const streams = [process.stdout, process.stderr].map((stream) => {
    const write = stream.write;
    const drop = (_chunk: unknown, encoding?: unknown, callback?: unknown): boolean => {
      const done = typeof encoding === 'function' ? encoding : callback;
      if (typeof done === 'function') process.nextTick(done as () => void);
      return true;
    };
    stream.write = drop as typeof stream.write;
    return () => {
      stream.write = write;
    };
  });
  return () => {
    for (const restore of streams) restore();
  };
}

/** Settles when everything written so far has been handed over. */
export async function flushOutput(): Promise<void> {
  const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
    new Promise((resolve) => {
      stream.write('', () => resolve());
    });
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
}
