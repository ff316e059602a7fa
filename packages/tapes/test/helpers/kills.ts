/** Processes that burn tapes and are killed, at each step or at any moment: no tape is used twice. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomInteger } from '@tacit/testing';
import { expect } from 'chai';
import { TapeFolder } from '../../src/index.js';
import type { World } from './world.js';

const BURNER = fileURLToPath(new URL('../programs/burner.mjs', import.meta.url));
const STEPS = ['opened', 'entered', 'key removed', 'used'];

/** Runs a burner; resolves to what it said, when it is dead. */
function burn(
  w: World,
  rank: number,
  killed: { step?: string; count?: number; afterMs?: number },
): Promise<string> {
  const key = join(w.folder, `${['alice', 'bob', 'carol'][rank]}.tapekey`);
  const at = killed.step ? [killed.step, String(killed.count)] : [];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BURNER, w.tapesOf(rank), key, w.dealer.publicText, ...at], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    let [said, complaints] = ['', ''];
    child.stdout.on('data', (text) => {
      if (said === '' && killed.afterMs !== undefined)
        setTimeout(() => child.kill('SIGKILL'), killed.afterMs);
      said += text;
    });
    child.stderr.on('data', (text) => {
      complaints += text;
    });
    child.on('error', reject);
    child.on('close', () => (complaints === '' ? resolve(said) : reject(new Error(complaints))));
  });
}

const folderOf = (w: World, rank: number, onStep?: (step: string) => void): TapeFolder =>
  new TapeFolder({ folder: w.tapesOf(rank), keys: w.keys[rank], dealer: w.dealer.publicText, onStep });

/** As `burn`, within this process: at that step all ends, as if it had been killed. */
async function crash(w: World, rank: number): Promise<string> {
  const step = STEPS[randomInteger(STEPS.length)];
  let [left, said] = [1 + randomInteger(3), ''];
  const onStep = (reached: string): void => {
    if (reached === step && --left === 0) throw new Error('crash');
  };
  const own = folderOf(w, rank, onStep);
  try {
    for (const listing of own.unused()) {
      const tape = await own.burn(listing);
      if (tape) said += `used ${listing.id} ${Buffer.from(tape.seed).toString('hex')}\n`;
      tape?.corrections?.close?.();
      onStep('used');
    }
  } catch (error) {
    if ((error as Error).message !== 'crash') throw error;
  }
  return said;
}

/**
 * Kills processes that burn the tapes of a member, up to three at a time on one folder.
 * @param w with at least two parties
 * @param kills how many are killed or come to their end
 * @param processes how many of them are processes that are killed; the others end at a step within this process
 */
export async function killBurners(w: World, kills: number, processes = kills): Promise<void> {
  const used = new Map<string, string>();
  for (let done = 0; done < kills; ) {
    const rank = randomInteger(2);
    // Some run out of tapes.
    if (!existsSync(w.tapesOf(rank)) || [...folderOf(w, rank).unused()].length < 3) await w.deal(12);
    const atOnce = Math.min(1 + randomInteger(3), kills - done);
    const lives = Array.from({ length: atOnce }, () => {
      if (randomInteger(kills) >= processes) return crash(w, rank);
      return burn(
        w,
        rank,
        randomInteger(3) > 0
          ? { step: STEPS[randomInteger(STEPS.length)], count: 1 + randomInteger(3) }
          : { afterMs: randomInteger(30) },
      );
    });
    const said = (await Promise.all(lives)).join('');
    for (const [, id, seed] of said.matchAll(/^used (\w{64}) (\w{64})$/gm)) {
      const name = `${rank} ${id}`;
      expect(used.has(name), `${name} was used twice`).equal(false);
      used.set(name, seed);
      expect(existsSync(join(w.tapesOf(rank), 'ledger', id))).equal(true);
      expect(readdirSync(w.tapesOf(rank)).join()).not.include(id.slice(0, 16));
    }
    done += atOnce;
  }
  // No two tapes have one seed either.
  expect(new Set(used.values()).size).equal(used.size);
  expect(used.size).to.be.greaterThan(kills / 3);
}
