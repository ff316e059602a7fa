import { expect } from 'chai';
import { describeWaiting, WaitingRoom } from '../src/control/waiting.js';

/** A clock that goes on when it is told to. */
function clock() {
  const timers = new Map<object, { readonly at: number; readonly run: () => void }>();
  let now = 1000;
  return {
    now: () => now,
    later: (run: () => void, ms: number) => {
      const id = {};
      timers.set(id, { at: now + ms, run });
      return () => void timers.delete(id);
    },
    go(ms: number): void {
      const end = now + ms;
      for (;;) {
        const [next] = [...timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next[0]);
        now = next[1].at;
        next[1].run();
      }
      now = end;
    },
  };
}

describe('who is awaited', () => {
  it('is said after two seconds, and again now and then', () => {
    const lines: string[] = [];
    const time = clock();
    const room = new WaitingRoom(['bob', 'carol'], (text) => lines.push(text), time);
    time.go(1999);
    expect(lines).to.deep.equal([]);
    time.go(1);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.match(/^waiting for bob and carol since \d\d:\d\d:\d\d$/);
    room.failed('bob', 'connect ECONNREFUSED');
    room.failed('nobody', 'never asked');
    time.go(8000);
    expect(lines[1]).to.include('bob (connect ECONNREFUSED) and carol');
    room.came('carol');
    expect(lines[2]).to.equal('carol is there');
    room.came('carol');
    time.go(50_000);
    expect(lines.slice(3)).to.have.length(2);
    time.go(180_000);
    expect(lines.slice(5)).to.have.length(3);
    expect(lines.at(-1)).to.match(/^waiting for bob \(/);
    expect(room.missing).to.deep.equal([{ name: 'bob', detail: 'connect ECONNREFUSED' }]);
    room.came('bob');
    const { length } = lines;
    time.go(1e6);
    expect(lines).to.have.length(length);
  });

  it('is not said where nobody is late', () => {
    const lines: string[] = [];
    const time = clock();
    const room = new WaitingRoom(['bob'], (text) => lines.push(text), time);
    time.go(1000);
    room.came('bob');
    time.go(1e6);
    expect(lines).to.deep.equal([]);
  });

  it('is a line for any number', () => {
    const since = new Date(2026, 0, 1, 9, 5, 7);
    const missing = ['a', 'b', 'c'].map((name) => ({ name, detail: undefined }));
    expect(describeWaiting(missing, since)).to.equal('waiting for a, b and c since 09:05:07');
    expect(describeWaiting([], since)).to.equal('waiting for nobody since 09:05:07');
  });
});
