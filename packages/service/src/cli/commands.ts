import type { Command } from 'commander';
export function addServiceCommands(_program: Command): void {}
