/** The dealer as a member of the group: rank `parties`, after the computing parties. */
import type { Communicator } from '@tacit/comm';
import type { Ring } from '@tacit/ring';
import type { DealerLimits } from '../definition/dealer-limits.js';
import type { ProtocolConfig } from '../runtime/config.js';
import { agreeOnConfig } from '../runtime/handshake.js';
import { dealSeeds } from '../runtime/seeds.js';
import { DealerEngine } from './engine.js';

/** A dealer at work. */
export interface ServingDealer {
  /** Operations and bytes dealt so far, and the milliseconds that it took. */
  readonly stats: DealerEngine['stats'];
  /** Deals for nothing more, not even for what waits. */
  stop(): void;
}

/** Requests and reports are taken as they come; what waits are the parties' settings. */
const MAILBOX_BYTES = 2 ** 20;

/**
 * Agrees on settings, gives each party its seed, and deals until stopped. The last member of the group calls this while
 * the others call `openSession`. A request that makes no sense ends the computation for all.
 * @param comm the dealer's place in the group, of rank `parties`
 * @param ring kernels
 * @param parties how many compute
 * @param config settings, the same as theirs
 * @param limits of what requests may cost, where they differ from the defaults
 * @returns the dealer, as soon as all members have agreed
 * @throws ConfigError where a setting cannot work, ConfigMismatchError where members have different ones
 */
export async function serveDealer(
  comm: Communicator,
  ring: Ring,
  parties: number,
  config: ProtocolConfig,
  limits: Partial<DealerLimits> = {},
): Promise<ServingDealer> {
  const agreement = agreeOnConfig(comm, parties, 'separate', config);
  agreement.catch(() => {}); // awaited below
  const seeds = dealSeeds(comm, parties);
  const engine = new DealerEngine({
    ring,
    seeds,
    config,
    limits,
    send: (key, payload) => comm.send(parties - 1, key, payload),
    fail: (error) => comm.abort(error),
  });
  comm.limitMailbox(MAILBOX_BYTES);
  engine.listen(comm, parties - 1);
  await agreement;
  return engine;
}
