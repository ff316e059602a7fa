/** Flags that commands of batches share. */
import { join } from 'node:path';
import { integer, note } from '@tacit/cli-kit';
import { type HomeFlags, quietSettings, type SettingFlags, withSettings, withWaits } from '@tacit/daemon/cli';
import { type Organisation, openOrganisation } from '@tacit/daemon/processes';
import type { Command } from 'commander';
import { BatchUsageError } from '../errors.js';
import { BullQueue } from '../source/bull-queue.js';

/** Where batches and the queue are. */
export interface PlaceFlags extends HomeFlags, Pick<SettingFlags, 'timeout' | 'wait' | 'resume'> {
  readonly batches?: string;
  readonly queue?: string;
  readonly quiet?: boolean;
}

/** Of commands that compute. */
export interface WorkFlags extends PlaceFlags {
  readonly sessions: number;
  readonly attempts: number;
  readonly metrics?: string;
}

/**
 * Adds the flags that say where batches are.
 * @param command that gets them
 * @returns the command
 */
export const withPlaces = (command: Command): Command =>
  withSettings(command)
    .option(
      '--batches <DIR>',
      'folder of batches, seen by all workers (default: TACIT_BATCHES, or batches in the home)',
    )
    .option('--debug', 'show stacks of errors');

/**
 * Adds the flag that says where the queue is.
 * @param command that gets it
 * @returns the command
 */
export const withQueue = (command: Command): Command =>
  command.option(
    '--queue <ADDRESS>',
    'redis://… or postgres://… of this organisation (default: TACIT_QUEUE, which keeps passwords out of the list of processes)',
  );

/**
 * Adds the flags of commands that compute.
 * @param command that gets them
 * @returns the command
 */
export const withWork = (command: Command): Command =>
  withWaits(
    command
      .option('--sessions <N>', 'shards at the same time in this process', integer(1, 1000), 1)
      .option(
        '--attempts <N>',
        'how often a shard may be tried by this organisation',
        integer(1, 1_000_000),
        10,
      ),
    'absent members',
  ).option('--quiet', 'say nothing about how it goes');

/**
 * The organisation of a command.
 * @param flags of the command line
 * @returns it, and where its batches are
 */
export async function openPlace(
  flags: PlaceFlags,
): Promise<{ readonly organisation: Organisation; readonly batches: string }> {
  const organisation = await openOrganisation({
    home: flags.home,
    configFile: flags.config,
    flags: quietSettings('tacit batch', flags),
  });
  return { organisation, batches: batchesOf(flags, organisation.home) };
}

/**
 * The folder of batches.
 * @param flags of the command line
 * @param home of the organisation
 * @returns its path
 */
export const batchesOf = ({ batches }: PlaceFlags, home: string): string =>
  batches ?? (process.env.TACIT_BATCHES || join(home, 'batches'));

/**
 * The address of the queue.
 * @param flags of the command line
 * @returns undefined if there is none
 */
export const queueOf = ({ queue }: PlaceFlags): string | undefined =>
  queue ?? (process.env.TACIT_QUEUE || undefined);

/**
 * Opens the queue that a command cannot do without.
 * @param flags of the command line
 * @param leaseMs of its workers
 * @returns the queue
 */
export async function openQueue(flags: PlaceFlags, leaseMs?: number): Promise<BullQueue> {
  const address = queueOf(flags);
  if (address === undefined)
    throw new BatchUsageError(
      "a worker takes shards from a queue: give --queue redis://… or postgres://…, or set TACIT_QUEUE. Without a queue 'tacit batch submit' and 'tacit batch resume' compute themselves",
    );
  return BullQueue.open({ address, leaseMs, say: sayer(flags) });
}

/**
 * Where lines about how it goes are written.
 * @param flags of the command line
 * @returns a function that takes a line
 */
export const sayer =
  ({ quiet }: Pick<PlaceFlags, 'quiet'>) =>
  (text: string): void => {
    if (!quiet) note(text);
  };
