import { expect } from 'chai';
import { hostPort, interruptible } from '../src/index.js';

describe('what commands share', () => {
  const places: readonly [text: string, place: { host: string | undefined; port: string } | undefined][] = [
    ['127.0.0.1:7700', { host: '127.0.0.1', port: '7700' }],
    ['localhost:0', { host: 'localhost', port: '0' }],
    ['[::1]:7700', { host: '::1', port: '7700' }],
    [':7700', { host: undefined, port: '7700' }],
    ['[]:7700', { host: undefined, port: '7700' }],
    ['7700', undefined],
    ['::1:7700', undefined],
    ['[::1:7700', undefined],
    ['localhost:', undefined],
    ['localhost:x', undefined],
    ['', undefined],
  ];
  for (const [text, place] of places)
    it(`${JSON.stringify(text)} is ${place ? 'a place to listen at' : 'none'}`, () =>
      expect(hostPort(text)).deep.equal(place));

  it('an interrupt aborts with an error of the command, and leaves no listeners behind', async () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const before = process.listenerCount(signal);
      const reason = await interruptible(
        (aborted) => {
          process.emit(signal, signal);
          return Promise.resolve(aborted.reason);
        },
        (name) => new Error(`no more after ${name}`),
      );
      expect(String(reason)).equal(`Error: no more after ${signal}`);
      expect(process.listenerCount(signal)).equal(before);
    }
  });
});
