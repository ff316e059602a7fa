// Runs the test files that it is sent, one at a time, and sends back how each test ended.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { restartRandom, seedCrypto, testSeed } from '@tacit/testing/random';
import fc from 'fast-check';
import Mocha from 'mocha';

const { Base } = Mocha.reporters;
const TIMEOUT_MS = { test: 60_000, long: 30 * 60_000 };

fc.configureGlobal({ seed: testSeed });
seedCrypto();

process.on('disconnect', () => process.exit());
process.on('message', async ({ file, options }) => {
  let error;
  try {
    const tests = await run(file, options);
    if (tests === 0 && options.grep === undefined) error = 'the file holds no test';
  } catch (thrown) {
    error = format(thrown);
  }
  process.send({ done: true, error });
});

async function run(file, { long, grep }) {
  const mocha = new Mocha({
    timeout: long ? TIMEOUT_MS.long : TIMEOUT_MS.test,
    grep,
    reporter: class {},
    rootHooks: {
      beforeEach() {
        restartRandom(this.currentTest.fullTitle());
      },
    },
  });
  restartRandom(file);
  await load(mocha, resolve(file));
  let count = 0;
  await new Promise((done) => {
    const runner = mocha.run(() => {
      runner.dispose();
      done();
    });
    const tell = (state) => (test, error) => {
      count++;
      const text = state === 'failed' ? explain(test, error) : undefined;
      process.send({ test: { state, title: test.fullTitle(), ms: test.duration ?? 0, text } });
    };
    runner.on('pass', tell('passed'));
    runner.on('pending', tell('skipped'));
    runner.on('fail', tell('failed'));
  });
  return count;
}

/**
 * Mocha would `require` the file first, and then all modules, those of packages too, are transformed to CommonJS, where
 * each use of an import calls a function: all tests together took a quarter longer.
 */
async function load(mocha, path) {
  const { EVENT_FILE_PRE_REQUIRE, EVENT_FILE_REQUIRE, EVENT_FILE_POST_REQUIRE } = Mocha.Suite.constants;
  mocha.suite.emit(EVENT_FILE_PRE_REQUIRE, globalThis, path, mocha);
  const loaded = await import(pathToFileURL(path).href);
  mocha.suite.emit(EVENT_FILE_REQUIRE, loaded, path, mocha);
  mocha.suite.emit(EVENT_FILE_POST_REQUIRE, globalThis, path, mocha);
}

/** Message, difference and stack as mocha shows them. */
function explain(test, error) {
  test.err = error;
  const lines = [];
  const print = Base.consoleLog;
  Base.consoleLog = (...args) => lines.push(format(...args));
  try {
    Base.list([test]);
  } finally {
    Base.consoleLog = print;
  }
  return lines.join('\n');
}
