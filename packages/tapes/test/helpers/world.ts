/** Members with keys and folders of their own, a program, and tapes for it. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Communicator, createThreadGroup, type Transport, threadTransport } from '@tacit/comm';
import {
  additive,
  costEngine,
  defaultConfig,
  type Engine,
  openSession,
  type RandomnessSource,
  serveDealer,
  type TapePlan,
} from '@tacit/mpc';
import type { Words } from '@tacit/ring';
import { sharedRings } from '@tacit/testing';
import {
  createTapeKey,
  dealTapes,
  readTapeKey,
  type TapeKeys,
  type TapesOptions,
  tapes,
} from '../../src/index.js';

/** Exact truncations: the outputs do not depend on the shares. */
export const config = { ...defaultConfig, truncation: 'exact' as const, chunk: 8192 };

export const NAMES = ['alice', 'bob', 'carol'];

export type Program = (engine: Engine) => Promise<bigint[]>;

/** ReLU and product of some numbers, `size` of each. */
export const program =
  (size = 10): Program =>
  async (engine) => {
    const numbers = (scale: bigint): Words =>
      BigUint64Array.from({ length: size }, (_, i) => BigInt.asUintN(64, BigInt(i - (size >> 1)) * scale));
    const x = engine.input(0, [size], engine.rank === 0 ? numbers(1n << 14n) : undefined);
    const y = engine.input(1, [size], engine.rank === 1 ? numbers(1n << 12n) : undefined);
    const positive = engine.relu(x).y;
    const z = engine.multiply(engine.prepare(positive), engine.prepare(y), 16 + engine.productExtraBits);
    const told = await engine.reveal(z);
    await engine.finish();
    return Array.from(told ?? [], (v) => BigInt.asIntN(64, v));
  };

/** What has to be dealt for a program, by a dry run. */
export async function planOf(parties: number, run: Program = program()): Promise<TapePlan> {
  const [ring] = await sharedRings(1);
  const engine = costEngine(ring, parties, config);
  void run(engine).catch(() => {});
  return { parties, config, operations: engine.session.dealt };
}

export interface World {
  readonly folder: string;
  readonly parties: number;
  readonly keys: readonly TapeKeys[];
  readonly dealer: TapeKeys;
  /** The folder of a member's tapes. */
  tapesOf(rank: number): string;
  /** Deals; all other options as of dealTapes. */
  deal(count: number, plan?: TapePlan, more?: { readonly session?: string }): Promise<readonly string[]>;
  /** A party's source, with the ids of what it used. */
  source(rank: number, more?: Partial<TapesOptions>): RandomnessSource;
  /** Ids of what was used, by rank. */
  readonly used: readonly string[][];
  remove(): void;
}

/** A new world in a folder of its own. */
export async function world(parties: number): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'tacit-tapes-'));
  const names = NAMES.slice(0, parties);
  const keyOf = async (name: string): Promise<TapeKeys> => {
    const path = join(folder, `${name}.tapekey`);
    await createTapeKey(path);
    return readTapeKey(path);
  };
  const keys: TapeKeys[] = [];
  for (const name of names) keys.push(await keyOf(name));
  const dealer = await keyOf('dealer');
  const used: string[][] = names.map(() => []);
  const tapesOf = (rank: number): string => join(folder, 'tapes', names[rank]);
  return {
    folder,
    parties,
    keys,
    dealer,
    used,
    tapesOf,
    async deal(count, plan, more = {}) {
      const [ring] = await sharedRings(1);
      const members = names.map((name, rank) => ({ name, key: keys[rank].publicText }));
      const out = join(folder, 'tapes');
      const options = {
        ring,
        plan: plan ?? (await planOf(parties)),
        members,
        keys: dealer,
        count,
        out,
        ...more,
      };
      return (await dealTapes(options)).map(({ id }) => id);
    },
    source: (rank, more = {}) =>
      tapes({
        folder: tapesOf(rank),
        keys: keys[rank],
        dealer: dealer.publicText,
        onTape: (_, id) => used[rank].push(id),
        ...more,
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Files in a folder of tapes, by ending. */
export const files = (folder: string, ending: 'key' | 'tape'): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(`.${ending}`))
    .sort();

export interface RunOptions {
  readonly tamper?: (transport: Transport, rank: number) => Transport;
  readonly settings?: Partial<typeof config>;
}

/** How each party ended that runs the program on its source. */
export async function session<T>(
  sources: readonly RandomnessSource[],
  run: (engine: Engine) => Promise<T>,
  { tamper = (transport) => transport, settings = {} }: RunOptions = {},
): Promise<PromiseSettledResult<T>[]> {
  const parties = sources.length;
  const members = parties + sources[0].members;
  const rings = await sharedRings(members);
  const own = { ...config, ...settings };
  const comms = createThreadGroup(members).map(
    (endpoint, rank) => new Communicator(tamper(threadTransport(endpoint), rank), { timeoutMs: 20_000 }),
  );
  const dealer = comms[parties] && serveDealer(comms[parties], rings[parties], parties, own);
  const ends = await Promise.allSettled(
    sources.map(async (randomness, rank) => {
      const [comm, ring] = [comms[rank], rings[rank]];
      try {
        return await run(await openSession({ comm, ring, suite: additive({ randomness }), config: own }));
      } catch (error) {
        comm.abort(error as Error);
        throw error;
      }
    }),
  );
  (await dealer?.catch(() => undefined))?.stop();
  await Promise.all(comms.map((comm) => comm.close()));
  return ends;
}

/** What the parties returned; all must. */
export const results = <T>(ends: readonly PromiseSettledResult<T>[]): T[] =>
  ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });

/** The code of each party's error, undefined where it has none. */
export const codes = (ends: readonly PromiseSettledResult<unknown>[]): (string | undefined)[] =>
  ends.map((end) => (end.status === 'rejected' ? end.reason.code : undefined));
