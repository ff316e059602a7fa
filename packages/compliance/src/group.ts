/** A group of communicators in one thread for one test, closed at its end whatever happens. */
import { Communicator, type CommunicatorOptions, type Transport } from '@tacit/comm';

export type MakeGroup = (size: number) => Promise<Transport[]>;

export interface Group {
  readonly transports: readonly Transport[];
  readonly comms: readonly Communicator[];
  /** The member of that rank. */
  at(rank: number): Communicator;
}

/**
 * Makes a group, runs a test with it and closes it whatever happens.
 * @param make gives connected, unstarted transports
 * @param size how many members
 * @param test gets the members' communicators, and the transports below
 * @param options of the communicators; by default a receive waits 20 s
 */
export async function withGroup(
  make: MakeGroup,
  size: number,
  test: (group: Group) => Promise<void>,
  options: CommunicatorOptions = {},
): Promise<void> {
  const transports = await make(size);
  const comms = transports.map((transport) => new Communicator(transport, { timeoutMs: 20_000, ...options }));
  const at = (rank: number): Communicator => {
    const comm = comms[rank];
    if (comm === undefined) throw new Error(`no rank ${rank} in a group of ${size}`);
    return comm;
  };
  try {
    await test({ transports, comms, at });
  } finally {
    await Promise.all(comms.map((comm) => comm.close()));
  }
}

/**
 * What has to fail, fails; how long that may take is up to the test runner.
 * @param promise that has to reject
 * @returns what it rejects with
 * @throws Error if it resolves
 */
export const failureOf = (promise: Promise<unknown>): Promise<Error & { code?: string; reason?: string }> =>
  promise.then(
    () => {
      throw new Error('settled, but should have failed');
    },
    (error) => error,
  );

/** A payload of `bytes` that depends on `seed`. */
export function pattern(bytes: number, seed: number): Uint8Array {
  const payload = new Uint8Array(bytes);
  let state = (seed * 2_654_435_761) >>> 0;
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    payload[i] = state >>> 24;
  }
  return payload;
}

/** True if `payload` is `pattern(bytes, seed)`. Much faster than a deep comparison by chai. */
export function isPattern(payload: Uint8Array, bytes: number, seed: number): boolean {
  return payload.byteLength === bytes && Buffer.compare(payload, pattern(bytes, seed)) === 0;
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);
export const untext = (payload: Uint8Array): string => new TextDecoder().decode(payload);
