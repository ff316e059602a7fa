/** A suite of protocols as a choice: what opens a party's side of a computation in a group that is connected. */
import type { Communicator } from '@tacit/comm';
import type { Ring, WordsPool } from '@tacit/ring';
import type { Engine } from './engine.js';
import { defaultConfig, type ProtocolConfig } from './runtime/config.js';
import type { OperationStats } from './runtime/statistics.js';

/** A member of a connected group that is about to compute. */
export interface SuiteMember {
  readonly comm: Communicator;
  readonly ring: Ring;
  readonly config: ProtocolConfig;
  readonly pool?: WordsPool;
  /** Called when an operation is finished here, in the order of finishing. */
  readonly onOperation?: (stats: OperationStats) => void;
}

/** What opens an engine. */
export interface Suite<E extends Engine = Engine> {
  readonly name: string;
  /** Agrees on settings and keys with all others. */
  open(member: SuiteMember): Promise<E>;
}

/** What `openSession` needs. */
export interface OpenOptions<E extends Engine> extends Omit<SuiteMember, 'config'> {
  /** The suite; with the same choices at all members. */
  readonly suite: Suite<E>;
  /** Settings that differ from the defaults; the same at all members. */
  readonly config?: Partial<ProtocolConfig>;
}

/**
 * This party's side of a computation. All members of the group call it (or serve the suite, as a dealer does).
 * @param options the suite, the group and kernels, and settings that differ from the defaults
 * @returns the engine that the layers above compute on; await its `finish()` at the end
 * @throws ConfigError where a setting cannot work, ConfigMismatchError where members have different ones
 * @example
 * const engine = await openSession({ comm, ring: await Ring.load(), suite: additive() });
 * const x = engine.input(0, [4], engine.rank === 0 ? words : undefined);
 */
export const openSession = <E extends Engine>({ suite, config, ...member }: OpenOptions<E>): Promise<E> =>
  suite.open({ ...member, config: { ...defaultConfig, ...config } });
