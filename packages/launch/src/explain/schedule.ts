/**
 * Time without running: tasks of members that each compute one thing at a time, and messages between them over lines of a
 * delay and a bandwidth. Events come in order of time, ties in order of entry, so results repeat exactly.
 */

/** What runs on a member, when everything that it waits for is there. */
export interface Task {
  readonly member: number;
  readonly ms: number;
  /** Called with the time when it is done. */
  readonly done: (now: number) => void;
}

/** The machines and lines that a program runs on. */
export interface Machines {
  readonly members: number;
  /** How many members compute at the same time: fewer than there are where they share a machine. */
  readonly cores: number;
  /** One way. */
  readonly delayMs: number;
  /** Of each direction between two members; Infinity where it takes no time. */
  readonly bytesPerMs: number;
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Runs tasks and messages on machines that are only imagined. */
export class Schedule {
  /** Milliseconds that each member computed. */
  readonly busy: number[];
  /** Milliseconds that each line carried, by sender and receiver. */
  readonly carried: number[][];
  readonly #events: Event[] = [];
  readonly #waiting: Task[][];
  readonly #queue: number[] = [];
  readonly #working: boolean[];
  readonly #free: number[][];
  #running = 0;
  #order = 0;
  #now = 0;

  /** @param machines where everything runs */
  constructor(readonly machines: Machines) {
    const { members } = machines;
    const each = <T>(make: () => T): T[] => Array.from({ length: members }, make);
    this.busy = each(() => 0);
    this.carried = each(() => each(() => 0));
    this.#waiting = each(() => []);
    this.#working = each(() => false);
    this.#free = each(() => each(() => 0));
  }

  /** A task whose inputs are there now. */
  add(task: Task): void {
    this.#waiting[task.member].push(task);
    this.#queue.push(task.member);
    this.#start();
  }

  /** A message of that many bytes that leaves now; `arrived` is called at the other end. */
  send(from: number, to: number, bytes: number, arrived: () => void): void {
    const { bytesPerMs, delayMs } = this.machines;
    const ms = bytes / bytesPerMs;
    this.#free[from][to] = Math.max(this.#free[from][to], this.#now) + ms;
    this.carried[from][to] += ms;
    this.#at(this.#free[from][to] + delayMs, arrived);
  }

  /**
   * Runs until nothing is left.
   * @returns the time of the last event
   */
  run(): number {
    for (let next = this.#pop(); next; next = this.#pop()) {
      this.#now = next.at;
      next.run();
    }
    return this.#now;
  }

  get now(): number {
    return this.#now;
  }

  #start(): void {
    while (this.#running < this.machines.cores) {
      const place = this.#queue.findIndex((member) => !this.#working[member]);
      if (place < 0) return;
      const [member] = this.#queue.splice(place, 1);
      const task = this.#waiting[member].shift();
      if (!task) continue;
      this.#working[member] = true;
      this.#running++;
      this.busy[member] += task.ms;
      this.#at(this.#now + task.ms, () => {
        this.#working[member] = false;
        this.#running--;
        task.done(this.#now);
        this.#start();
      });
    }
  }

  /** A heap by time, then order. */
  #at(at: number, run: () => void): void {
    const events = this.#events;
    events.push({ at, order: this.#order++, run });
    for (let i = events.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (before(events[parent], events[i])) break;
      [events[parent], events[i]] = [events[i], events[parent]];
      i = parent;
    }
  }

  #pop(): Event | undefined {
    const events = this.#events;
    const [first] = events;
    const last = events.pop();
    if (!first || !last || first === last) return first;
    events[0] = last;
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      if (left >= events.length) break;
      const child = left + 1 < events.length && before(events[left + 1], events[left]) ? left + 1 : left;
      if (before(events[i], events[child])) break;
      [events[i], events[child]] = [events[child], events[i]];
      i = child;
    }
    return first;
  }
}

const before = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
