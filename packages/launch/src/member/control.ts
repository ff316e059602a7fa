/** A member's end of the control channel: a worker thread's parent port or a child process's IPC channel. */
import { parentPort } from 'node:worker_threads';
import type { FromMember, StartMessage, ToMember } from '../messages.js';

export interface Control {
  /** Settles when `message` has left as far as this side can tell. */
  post(message: FromMember): Promise<void>;
  /** Gets all messages after the start message. */
  onMessage(handler: (message: ToMember) => void): void;
  /** While held, the channel alone keeps this thread or process alive. */
  hold(held: boolean): void;
  readonly start: Promise<StartMessage>;
}

/** The control channel of this thread or process. Throws where nothing launched it. */
export function openControl(): Control {
  if (parentPort) return threadControl(parentPort);
  if (process.send) return processControl();
  throw new Error(
    'this module is the entry point of a party; it is started by runMultiprocess, not by itself',
  );
}

type Port = NonNullable<typeof parentPort>;

class Inbox {
  readonly start: Promise<StartMessage>;
  #onStart: (message: StartMessage) => void = () => {};
  #handler: ((message: ToMember) => void) | undefined;
  readonly #early: ToMember[] = [];

  constructor() {
    this.start = new Promise((resolve) => {
      this.#onStart = resolve;
    });
  }

  accept(message: ToMember): void {
    if (message.type === 'start') this.#onStart(message);
    else if (this.#handler) this.#handler(message);
    else this.#early.push(message);
  }

  deliverTo(handler: (message: ToMember) => void): void {
    this.#handler = handler;
    for (const message of this.#early.splice(0)) handler(message);
  }
}

function threadControl(port: Port): Control {
  const inbox = new Inbox();
  port.on('message', (message: ToMember) => inbox.accept(message));
  return {
    start: inbox.start,
    post: async (message) => port.postMessage(message),
    onMessage: (handler) => inbox.deliverTo(handler),
    hold: (held) => (held ? port.ref() : port.unref()),
  };
}

function processControl(): Control {
  const inbox = new Inbox();
  process.on('message', (message: ToMember) => inbox.accept(message));
  // The launcher is gone: nobody wants the result.
  process.on('disconnect', () => process.exit(1));
  // Ctrl-C goes to the whole group of processes; the launcher decides what it means.
  process.on('SIGINT', () => {});
  return {
    start: inbox.start,
    post: (message) =>
      new Promise((resolve) => {
        if (process.send === undefined || !process.connected) resolve();
        else process.send(message, undefined, undefined, () => resolve());
      }),
    onMessage: (handler) => inbox.deliverTo(handler),
    hold: (held) => (held ? process.channel?.ref() : process.channel?.unref()),
  };
}
