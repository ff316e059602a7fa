// A child process as the demo sees it: what it says, how it ended. Node's permission model lets it read the code of
// this repository and its own files, nothing else, and write nothing.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { colour, columns } from './style.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const CODE = ['../../package.json', '../../node_modules/*', '../../packages/*', './*'].map(here);

/** Node 20 has the flag under a longer name; without either the demo runs unguarded and says so. */
const GUARD = ['--permission', '--experimental-permission'].find((f) =>
  process.allowedNodeEnvironmentFlags.has(f),
);

export class Member {
  #child;
  #said = [];
  #waiting = [];
  #listeners = new Map();
  #exit;

  /** @param files what the process may open besides code */
  constructor(name, script, options, files) {
    this.name = name;
    const reads = [...CODE, ...files].map((path) => `--allow-fs-read=${path}`);
    this.#child = fork(here(script), [JSON.stringify(options)], {
      execArgv: GUARD
        ? [GUARD, '--disable-warning=ExperimentalWarning', '--disable-warning=SecurityWarning', ...reads]
        : [],
      env: { ...process.env, FORCE_COLOR: colour ? '1' : '0', COLUMNS: String(columns) },
    });
    this.#child.on('message', ([kind, value]) => this.#hear(kind, value));
    this.#exit = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('exit', (code, signal) => {
        if (code === 0) return resolve();
        const error = new Error(`${name} ended with ${signal ?? `exit code ${code}`}`);
        for (const { reject: tell } of this.#waiting) tell(error);
        reject(error);
      });
    });
    this.#exit.catch(() => {}); // reported where it is awaited
  }

  get pid() {
    return this.#child.pid;
  }

  #hear(kind, value) {
    const listener = this.#listeners.get(kind);
    if (listener) return listener(value);
    const at = this.#waiting.findIndex((w) => w.kind === kind);
    if (at < 0) this.#said.push([kind, value]);
    else this.#waiting.splice(at, 1)[0].resolve(value);
  }

  /** Calls back for every message of a kind. */
  on(kind, listener) {
    this.#listeners.set(kind, listener);
  }

  /** The next message of a kind. Rejects if the process ends before it. */
  next(kind) {
    const at = this.#said.findIndex(([k]) => k === kind);
    if (at >= 0) return Promise.resolve(this.#said.splice(at, 1)[0][1]);
    const message = new Promise((resolve, reject) => this.#waiting.push({ kind, resolve, reject }));
    return Promise.race([message, this.#exit.then(() => message)]);
  }

  send(message) {
    this.#child.send(message);
  }

  finished() {
    return this.#exit;
  }

  kill() {
    this.#child.kill();
  }
}
