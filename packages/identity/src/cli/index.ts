/** @packageDocumentation The commands of identities, peers and invites, for the command `tacit`. */
import type { Command } from 'commander';
import { addIdentity } from './identity-command.js';
import { addInvite, type Reachable } from './invite-command.js';
import { addPeers } from './peers-command.js';

export type { Reachable } from './invite-command.js';

/** What other packages know for these commands. */
export interface IdentityCommandOptions {
  /**
   * Where this organisation is reached, for invites that name neither address nor relay, e.g. by a config.
   * @param home the folder
   * @returns an address or a relay; undefined where none is known
   */
  readonly reachable?: (home: string) => Reachable | undefined | Promise<Reachable | undefined>;
}

/**
 * Adds `tacit identity`, `tacit peers` and `tacit invite`. Loads nothing else before one of them runs.
 * @param program the command `tacit`
 * @param options what other packages know
 */
export function addIdentityCommands(program: Command, { reachable }: IdentityCommandOptions = {}): void {
  addIdentity(program);
  addPeers(program);
  addInvite(program, reachable);
}
