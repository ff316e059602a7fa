/** `tacit config` and `tacit audit`. */
import type { Command } from 'commander';
import { addAudit } from './audit-command.js';
import { addConfig } from './config-command.js';

/**
 * Adds the commands `config` and `audit`.
 * @param program the command that gets them
 */
export function addPolicyCommands(program: Command): void {
  addConfig(program);
  addAudit(program);
}
