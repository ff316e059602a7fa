/** @packageDocumentation `tacit stub`, for the command `tacit`. */
import type { Command } from 'commander';
import { addStub } from './stub-command.js';

/**
 * Adds `tacit stub`. Loads nothing else before it runs.
 * @param program the command `tacit`
 */
export function addStubCommand(program: Command): void {
  addStub(program);
}
