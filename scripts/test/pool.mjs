// Test files, handed to a few processes one after another; their results, printed file by file.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const WORKER = fileURLToPath(new URL('./worker.mjs', import.meta.url));
/** A file that takes longer hangs in a way that its own timeouts cannot end. */
const LIMIT_MS = { test: 10 * 60_000, long: 60 * 60_000 };

/**
 * @param files {file, basis}, in the order in which they start, each basis for itself.
 * @returns what was counted, the texts of all failures, and the seconds that each file took.
 */
export async function runFiles(files, { jobs, long, grep, verbose }) {
  const queue = [...files];
  const total = { passed: 0, failed: 0, skipped: 0, failures: [], seconds: {} };
  const options = { long, grep };

  // Tests on the build wait for time-outs, those on the sources compute: side by side they fill the processors.
  const bases = [...new Set(files.map(({ basis }) => basis))];
  const take = (basis) => {
    const own = queue.findIndex((one) => one.basis === basis);
    return queue.splice(Math.max(own, 0), 1)[0];
  };

  const lane = async (_, number) => {
    let worker;
    const first = bases[number % bases.length];
    for (let next = take(first); next; next = take(worker?.basis ?? first)) {
      if (worker && worker.basis !== next.basis) worker = void worker.end();
      worker ??= startWorker(next.basis);
      const result = await worker.run(next.file, options, long ? LIMIT_MS.long : LIMIT_MS.test);
      if (result.ended) worker = undefined;
      add(total, next.file, result);
      process.stdout.write(report(next.file, result, verbose));
    }
    worker?.end();
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, lane));
  return total;
}

function add(total, file, { tests, seconds }) {
  total.seconds[file] = Math.round(seconds * 10) / 10;
  for (const { state, title, text } of tests) {
    total[state]++;
    if (state === 'failed') total.failures.push(`${file}\n  ${title}\n${text}`);
  }
}

function report(file, { tests, seconds, output }, verbose) {
  const failed = tests.filter(({ state }) => state === 'failed');
  const lines = [
    `${failed.length > 0 ? '✘' : '✔'} ${file}: ${tests.length - failed.length} of ${tests.length} in ${seconds.toFixed(1)} s`,
  ];
  const sign = { passed: '✔', failed: '✘', skipped: '-' };
  for (const { state, title, ms } of verbose ? tests : failed)
    lines.push(`    ${sign[state]} ${title}${ms > 100 ? ` (${ms} ms)` : ''}`);
  // What tests print goes with them.
  if (output) lines.push(output.trimEnd().replaceAll(/^/gm, '    | '));
  return `${lines.join('\n')}\n`;
}

/** A process that runs files on the sources or on the build, one at a time. */
function startWorker(basis) {
  const conditions = basis === 'sources' ? ['--conditions=@tacit/source'] : [];
  const child = fork(WORKER, [], {
    execArgv: [...conditions, '--import', 'tsx'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });

  const run = (file, options, limitMs) =>
    new Promise((resolve) => {
      const tests = [];
      const began = performance.now();
      output = '';
      const finish = (ended, text) => {
        clearTimeout(limit);
        child.removeAllListeners('message').removeAllListeners('close');
        if (text !== undefined) tests.push({ state: 'failed', title: 'the file as a whole', text });
        // Pipes may lag behind messages.
        setImmediate(() => resolve({ ended, tests, output, seconds: (performance.now() - began) / 1000 }));
      };
      const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
      child.on('message', (message) => {
        if (message.done) finish(false, message.error);
        else tests.push(message.test);
      });
      child.on('close', (code, signal) =>
        finish(true, `the process of these tests ended early, with ${signal ?? `code ${code}`}\n${output}`),
      );
      child.send({ file, options });
    });
  // Its leftovers, if any, are not waited for.
  return { basis, run, end: () => child.kill() };
}
