/**
 * What parties and the dealer have in common: one life that ends once, with a result or with a failure, tells the
 * launcher how, and ends the thread or process.
 */
import type { Communicator } from '@tacit/comm';
import { foreignCode, TacitError } from '@tacit/errors';
import type { FromMember } from '../messages.js';
import { encodeError } from '../remote-error.js';
import type { Control } from './control.js';
import { peakRssBytes } from './memory.js';
import { flushOutput } from './output.js';

/** How long a failing member tries to tell the others before it just ends. */
const FAREWELL_MS = 500;

export class Member {
  #comm: Communicator | undefined;
  #ending = false;

  constructor(readonly control: Control) {
    process.on('uncaughtException', (error) => this.fail(error));
  }

  /** From now on a failure of the group is a failure of this member, and the other way round. */
  attach(comm: Communicator): void {
    this.#comm = comm;
    // Later than rejections of what the program awaits, which say more.
    comm.onAbort((error) => setImmediate(() => this.fail(error)));
  }

  /** Ends this member with a result. */
  async succeed(value: unknown): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    await this.#end({ type: 'result', value, peakRssBytes: peakRssBytes() }, 0);
  }

  /** Ends this member with an error. */
  async fail(thrown: unknown): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    const error = encodeError(thrown);
    // The others learn the kind of failure; the message may quote values of this party and goes to the launcher only.
    this.#comm?.abort(
      new TacitError(foreignCode(error.code ?? error.name), 'the launcher reports the details'),
    );
    await this.#end({ type: 'failed', error }, 1);
  }

  async #end(message: FromMember, exitCode: number): Promise<void> {
    const closing = this.#comm?.close().catch(() => {});
    await this.control.post(message);
    await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, FAREWELL_MS))]);
    await flushOutput();
    process.exit(exitCode);
  }
}

/** The code of the error that ends a member when the launcher says so. */
export const cancelled = (): TacitError =>
  new TacitError('LAUNCH_ABORTED', 'the launcher stopped the computation');
