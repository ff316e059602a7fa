/** The parts of an explanation: units, and the machines and lines that are only imagined. */
import { expect } from 'chai';
import fc from 'fast-check';
import { Schedule } from '../src/explain/schedule.js';
import { time } from '../src/explain/text.js';
import { bandwidth, duration, speed } from '../src/explain/units.js';

describe('units of the command line', () => {
  it('reads times, bandwidths and speeds', () => {
    expect(['40ms', '0.04s', '40 MS', '40000us', '.04s'].map(duration)).deep.equal([40, 40, 40, 40, 40]);
    expect(['0', '0ms', '0s'].map(duration)).deep.equal([0, 0, 0]);
    const rates: [string, number][] = [
      ['100mbit', 12.5e6],
      ['100Mbit/s', 12.5e6],
      ['100 Mbps', 12.5e6],
      ['1gbit', 125e6],
      ['1Gb/s', 125e6],
      ['12MB/s', 12e6],
      ['12MB', 12e6],
      ['1MiB/s', 2 ** 20],
      ['64kbit', 8000],
      ['8bit', 1],
      ['5B/s', 5],
    ];
    for (const [text, value] of rates) expect(bandwidth(text), text).equal(value);
    expect(['800M', '0.8G', '800m/s', '800000000'].map(speed)).deep.equal([8e8, 8e8, 8e8, 8e8]);
  });

  it('refuses everything else', () => {
    for (const text of [
      '',
      '40',
      'ms',
      '-1ms',
      '40 parsecs',
      '1e3ms',
      '40ms40ms',
      '2000000s',
      'NaN',
      '0x1ms',
    ])
      expect(() => duration(text), text).throw('as in 40ms');
    for (const text of ['', '100', '0mbit', '-1mbit', '1xbit', '1mbyte', 'mbit', '1 m', '1kbit/h'])
      expect(() => bandwidth(text), text).throw('as in 100mbit');
    for (const text of ['', '0', 'fast', '1Q', '-2G']) expect(() => speed(text), text).throw('as in 800M');
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const read of [duration, bandwidth, speed])
          try {
            expect(read(text)).least(0);
          } catch (error) {
            expect((error as { code?: string }).code).equal('commander.invalidArgument');
          }
      }),
    );
  });

  it('shows times', () => {
    expect([0, 0.5, 12.34, 250, 12_345, 7_200_000].map(time)).deep.equal([
      '0.00 ms',
      '0.50 ms',
      '12.3 ms',
      '250 ms',
      '12.3 s',
      '120.0 min',
    ]);
  });
});

describe('imagined machines', () => {
  const machines = { members: 3, cores: 3, delayMs: 20, bytesPerMs: 100 };

  it('compute one thing at a time, and send while they compute', () => {
    const schedule = new Schedule(machines);
    const log: [string, number][] = [];
    const note = (what: string) => () => log.push([what, schedule.now]);
    schedule.add({
      member: 0,
      ms: 5,
      done: () => {
        schedule.send(0, 1, 1000, note('first message'));
        schedule.send(0, 1, 1000, note('second message'));
        schedule.send(0, 2, 100, note('to another'));
      },
    });
    schedule.add({ member: 0, ms: 7, done: note('second task') });
    schedule.add({ member: 1, ms: 1, done: note('elsewhere') });
    expect(schedule.run()).equal(45);
    expect(log).deep.equal([
      ['elsewhere', 1],
      ['second task', 12],
      ['to another', 26],
      ['first message', 35],
      ['second message', 45],
    ]);
    expect(schedule.busy).deep.equal([12, 1, 0]);
    expect(schedule.carried[0]).deep.equal([0, 20, 1]);
  });

  it('share processors where there are fewer of them', () => {
    for (const [cores, end] of [
      [3, 4],
      [2, 8],
      [1, 12],
    ]) {
      const schedule = new Schedule({ ...machines, cores });
      for (const member of [0, 1, 2]) schedule.add({ member, ms: 4, done: () => {} });
      expect(schedule.run()).equal(end);
    }
  });

  it('take no less than the work of the busiest member, and no more than all work and all ways', () => {
    const tasks = fc.array(
      fc.record({ member: fc.nat(2), ms: fc.nat(50), to: fc.nat(2), bytes: fc.nat(5000) }),
    );
    fc.assert(
      fc.property(tasks, fc.integer({ min: 1, max: 3 }), (list, cores) => {
        const schedule = new Schedule({ ...machines, cores });
        let done = 0;
        for (const { member, ms, to, bytes } of list)
          schedule.add({ member, ms, done: () => schedule.send(member, to, bytes, () => done++) });
        const end = schedule.run();
        expect(done).equal(list.length);
        const work = list.reduce((sum, { ms }) => sum + ms, 0);
        const ways = list.reduce((sum, { bytes }) => sum + bytes / 100 + 20, 0);
        expect(end).least(Math.max(...schedule.busy, work / 3));
        expect(end).most(work + ways + 1e-9);
      }),
    );
  });
});
