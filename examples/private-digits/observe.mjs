// What the demo looks at: traffic of a phase, a few shares, and whether a file can be opened.
import { readFileSync } from 'node:fs';
import { hear, PARTIES, say } from './join.mjs';

/** Bytes and rounds since the last call. Rounds: the longest chain of messages that waited for each other. */
export function traffic(party) {
  const { peers, total, rounds } = party.stats.snapshot();
  party.stats.reset();
  return { rounds, bytesSent: total.bytesSent, dealt: peers[PARTIES].bytesReceived };
}

/** Waits until every party has come here, so that a phase is counted as one. */
export const together = (party) =>
  Promise.all(Array.from({ length: party.worldSize }, (_, src) => party.announce(true, { src })));

/** Row `i` of `width` numbers. */
export const rowOf = (data, i, width) => data.subarray(i * width, (i + 1) * width);

/** Where the shown row lies in an image, and how much of it is shown. */
export const ROW = { line: 14, from: 6, count: 8 };

/** This party's shares of a few neighbouring pixels of the first image, in hex. */
export async function shownShares(x) {
  const words = await x.share.value;
  const start = ROW.line * 28 + ROW.from;
  return Array.from(words.subarray(start, start + ROW.count), (w) => w.toString(16).padStart(16, '0'));
}

/** Waits to be told a path, tries to read it, says what came of it. */
export async function tryToRead() {
  const { tryToRead: path } = await hear();
  try {
    readFileSync(path);
    say('tried', 'opened it: this Node.js has no permission model, so only the programs keep apart');
  } catch (error) {
    say(
      'tried',
      error.code === 'ERR_ACCESS_DENIED' ? 'refused by Node.js (ERR_ACCESS_DENIED)' : `failed: ${error.code}`,
    );
  }
}
