/**
 * Workers of a leader and members with fences, played step by step in every order that is drawn, with crashes anywhere:
 * what must hold of attempts and results, whoever is slow.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { beginAttempt, claimShard, computeAttempt, type ShardRecord } from '../../daemon/src/shards/fence.js';
import { takeAttempt } from '../src/folder/attempts.js';

const REQUEST = 'a'.repeat(64);
const MEMBERS = 2;
const WORKERS = 3;

interface Session {
  readonly worker: number;
  readonly attempt: number;
}

/** A member: what is on its disk, and who holds its one place in memory. */
class MemberModel {
  record: ShardRecord | undefined;
  held: Session | undefined;
  readonly begun: Session[] = [];
  computed = 0;

  constructor(readonly most: number) {}

  reserve(session: Session): 'granted' | 'busy' | 'FENCED' | 'ATTEMPTS_USED_UP' | 'SHARD_CONFLICT' {
    const answer = claimShard(this.record, session.attempt, REQUEST, this.most);
    if ('code' in answer) return answer.code;
    // A later attempt, or the same one again, ends what is held.
    this.held = session;
    this.record = answer.record;
    return 'granted';
  }

  begin(session: Session): boolean {
    if (this.held !== session) return false;
    const next = beginAttempt(this.record, session.attempt);
    if (next === undefined) return false;
    this.record = next;
    this.begun.push(session);
    return true;
  }

  compute(session: Session): boolean {
    const next = this.held === session ? computeAttempt(this.record, session.attempt) : undefined;
    if (next === undefined) return false;
    this.record = next;
    this.computed++;
    return true;
  }
}

describe('workers and members, in any order', () => {
  it('have each attempt once, commit once, and come to an end', () => {
    const root = mkdtempSync(join(tmpdir(), 'tacit-batch-'));
    let runs = 0;
    try {
      fc.assert(
        fc.property(
          fc.array(
            fc.record({
              who: fc.nat(WORKERS - 1),
              what: fc.constantFrom('step', 'step', 'step', 'step', 'crash', 'lease', 'restart'),
              at: fc.nat(MEMBERS - 1),
            }),
            { maxLength: 120 },
          ),
          fc.integer({ min: 1, max: 4 }),
          (script, most) => {
            const folder = join(root, String(runs++));
            const members = Array.from({ length: MEMBERS }, () => new MemberModel(most));
            const committed: Session[] = [];
            const workers = Array.from({ length: WORKERS }, (_, i) => leader(i, folder, members, committed));
            for (const { who, what, at } of script) {
              if (what === 'step') workers[who]?.step();
              else if (what === 'crash') workers[who]?.crash();
              else if (
                members[at] &&
                what === 'lease' &&
                !members[at].begun.includes(members[at].held as Session)
              )
                members[at].held = undefined;
              // Started again: its sessions and places are gone, its disk is not.
              else if (members[at] && what === 'restart') members[at].held = undefined;
            }
            // From here on nobody fails: one worker alone gets it done, or is told that it may not.
            for (let i = 0; i < 100 && committed.length === 0 && !workers[0]?.refused(); i++)
              workers[0]?.step();
            expect(committed.length === 1 || workers[0]?.refused() === true).to.equal(true);
            expect(committed.length).to.be.at.most(1);
            const owners = new Map<number, Session>();
            for (const { begun, computed } of members) {
              const numbers = begun.map(({ attempt }) => attempt);
              expect(numbers).to.deep.equal([...new Set(numbers)].sort((a, b) => a - b));
              expect(computed).to.be.at.most(most);
              // Members that were in the same attempt were in the same session.
              for (const session of begun) {
                expect([undefined, session]).to.include(owners.get(session.attempt));
                owners.set(session.attempt, session);
              }
            }
          },
        ),
        { numRuns: 150 },
      );
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  }).timeout(20_000);
});

/** A worker of the leader, one step after the other: number, members in order, begin, compute, commit. */
function leader(worker: number, folder: string, members: readonly MemberModel[], committed: Session[]) {
  let state: { session: Session; taken: ReturnType<typeof takeAttempt>; at: number } | undefined;
  let least = 1;
  let refused = false;
  const steps = 1 + 3 * members.length;
  const giveUp = (): void => {
    state?.taken.giveBack();
    for (const member of members) if (member.held === state?.session) member.held = undefined;
    state = undefined;
  };
  return {
    refused: () => refused,
    crash: () => {
      // Its connections end, and with them what it had reserved or was in; its number stays taken.
      for (const member of members) if (member.held === state?.session) member.held = undefined;
      state = undefined;
    },
    step: (): void => {
      if (state === undefined) {
        if (committed.length > 0) return;
        const taken = takeAttempt(folder, least);
        state = { session: { worker, attempt: taken.number }, taken, at: 0 };
        return;
      }
      const { session, at } = state;
      const member = members[at % members.length] as MemberModel;
      const phase = Math.floor(at / members.length);
      state.at++;
      if (phase === 0) {
        const answer = member.reserve(session);
        if (answer === 'granted') return;
        if (answer === 'FENCED') {
          least = Math.max(least, (member.record?.attempt ?? 0) + 1);
          for (const one of members) if (one.held === session) one.held = undefined;
          state = undefined;
          return;
        }
        refused = answer === 'ATTEMPTS_USED_UP';
        giveUp();
      } else if (phase === 1) {
        if (at === members.length) state.taken.begun();
        if (!member.begin(session)) giveUp();
      } else if (phase === 2) {
        if (!member.compute(session)) giveUp();
      } else if (state.at >= steps) {
        // The session is over; the file is created once.
        if (committed.length === 0) committed.push(session);
        giveUp();
      }
    },
  };
}
