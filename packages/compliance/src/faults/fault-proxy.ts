/**
 * A network between dialers and one listener, on this machine, that does what networks do and what attackers on the way
 * do. It sees TCP only, so that it serves any kind of link. All that is random comes from `chance`.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Current, type Weather } from './current.js';

/** `out` is from the dialer to the listener. */
export type Direction = 'out' | 'in';

interface Passage {
  readonly near: Socket;
  readonly far: Socket;
  readonly currents: Readonly<Record<Direction, Current>>;
}

const KEPT_BYTES = 64 * 1024;

export class FaultProxy {
  readonly port: number;
  #target: number;
  readonly #chance: () => number;
  readonly #passages = new Set<Passage>();
  readonly #loose = new Set<Socket>();
  readonly #marks: { readonly at: number; readonly act: () => void }[] = [];
  readonly #server: Server;
  #weather: Weather = {};
  #refusing = false;
  #swallowNew: readonly Direction[] = [];
  #recording: Buffer | undefined;
  #passed = 0;
  #connections = 0;
  #closed = false;

  /**
   * For `faultProxy`.
   * @param server that listens already
   * @param target port of the hub, on this machine
   * @param chance numbers in [0, 1)
   */
  constructor(server: Server, target: number, chance: () => number) {
    this.#server = server;
    this.port = (server.address() as { port: number }).port;
    this.#target = target;
    this.#chance = chance;
    server.on('connection', (near: Socket) => this.#connect(near));
  }

  /** How many connections it has taken. */
  get connections(): number {
    return this.#connections;
  }

  /** Bytes so far, both ways. */
  get passed(): number {
    return this.#passed;
  }

  /**
   * Calls back once so many bytes have passed, both ways and over all connections, before the last of them pass.
   * @param at how many bytes
   * @param act what happens then
   */
  atBytes(at: number, act: () => void): void {
    this.#marks.push({ at, act });
    this.#marks.sort((a, b) => a.at - b.at);
  }

  /**
   * Changes the weather, for present and future connections.
   * @param weather from now on
   */
  weather(weather: Weather): void {
    this.#weather = weather;
    for (const { currents } of this.#passages)
      for (const current of Object.values(currents)) current.weather = weather;
  }

  /**
   * Both ends see a broken connection (`reset`), or an orderly end of TCP in the middle of whatever was said.
   * @param how which of them
   */
  cut(how: 'reset' | 'close'): void {
    for (const { near, far } of [...this.#passages])
      for (const socket of [near, far]) how === 'reset' ? socket.resetAndDestroy() : socket.destroy();
  }

  /**
   * Present connections lose all that goes one way, or both, and their ends; nobody is told.
   * @param directions what is lost
   * @param andNew whether that happens to future connections as well, until `heal`
   */
  swallow(directions: readonly Direction[], andNew = false): void {
    if (andNew) this.#swallowNew = directions;
    for (const { currents } of this.#passages)
      for (const direction of directions) currents[direction].swallow();
  }

  /**
   * Only a part of the next bytes gets through, then the connection ends.
   * @param direction of these bytes
   */
  truncate(direction: Direction): void {
    for (const { near, far, currents } of this.#passages)
      currents[direction].cutNext(
        (bytes) => bytes.subarray(0, Math.floor(this.#chance() * bytes.length)),
        () => {
          near.destroy();
          far.destroy();
        },
      );
  }

  /**
   * One bit of the next bytes is another one.
   * @param direction of these bytes
   */
  corrupt(direction: Direction): void {
    this.#changeNext(direction, (bytes) => {
      const changed = Buffer.from(bytes);
      const at = Math.floor(this.#chance() * changed.length);
      changed[at] = (changed[at] ?? 0) ^ (1 << Math.floor(this.#chance() * 8));
      return changed;
    });
  }

  /**
   * The next bytes come twice.
   * @param direction of these bytes
   */
  repeat(direction: Direction): void {
    this.#changeNext(direction, (bytes) => Buffer.concat([bytes, bytes]));
  }

  /** Says to the listener, on a connection of its own, what an earlier dialer has said. */
  replayConnection(): void {
    const said = this.#recording;
    if (said === undefined || this.#closed) return;
    const socket = connect(this.#target, '127.0.0.1', () => socket.write(said));
    socket.on('error', () => {}).on('close', () => this.#loose.delete(socket));
    this.#loose.add(socket);
  }

  /** New connections are reset at once, until `heal`; present ones stay. The port stays taken: others look for ports, too. */
  refuse(): void {
    this.#refusing = true;
  }

  /** New connections pass again. */
  heal(): void {
    this.#swallowNew = [];
    this.#refusing = false;
  }

  /**
   * New connections go to another listener.
   * @param target its port, on this machine
   */
  redirect(target: number): void {
    this.#target = target;
  }

  /** Stops listening and breaks all connections. */
  close(): void {
    this.#closed = true;
    this.#server.close();
    for (const { near, far } of this.#passages) for (const socket of [near, far]) socket.destroy();
    for (const socket of this.#loose) socket.destroy();
  }

  #changeNext(direction: Direction, change: (bytes: Buffer) => Buffer): void {
    for (const { currents } of this.#passages) currents[direction].changeNext(change);
  }

  #connect(near: Socket): void {
    this.#connections++;
    if (this.#refusing) {
      near.on('error', () => {}).resetAndDestroy();
      return;
    }
    const far = connect(this.#target, '127.0.0.1');
    const said: Buffer[] = [];
    let kept = 0;
    const remember = (bytes: Buffer): void => {
      kept += bytes.length;
      if (kept > KEPT_BYTES) return;
      said.push(Buffer.from(bytes));
      this.#recording = Buffer.concat(said);
    };
    const out = new Current(near, far, this.#weather, this.#chance, (bytes) => {
      remember(bytes);
      this.#count(bytes);
    });
    const back = new Current(far, near, this.#weather, this.#chance, (bytes) => this.#count(bytes));
    const passage: Passage = { near, far, currents: { out, in: back } };
    this.#passages.add(passage);
    for (const [own, current, other] of [
      [near, out, far],
      [far, back, near],
    ] as const) {
      own.setNoDelay(true);
      own.on('error', () => {
        // A reset of one side is a reset of the other one.
        if (!current.swallowed) other.resetAndDestroy();
      });
      own.on('end', () => current.end());
      own.on('close', () => {
        current.end();
        if (!near.destroyed || !far.destroyed) return;
        out.stop();
        back.stop();
        this.#passages.delete(passage);
      });
    }
    for (const direction of this.#swallowNew) passage.currents[direction].swallow();
  }

  #count(bytes: Buffer): void {
    this.#passed += bytes.length;
    while (this.#marks[0] !== undefined && this.#marks[0].at <= this.#passed) this.#marks.shift()?.act();
  }
}

/**
 * Starts one.
 * @param target port of the listener, on this machine
 * @param chance in [0, 1); what is random comes from it
 * @returns the proxy, which listens on this machine
 */
export async function faultProxy(target: number, chance: () => number): Promise<FaultProxy> {
  const server = createServer().listen(0, '127.0.0.1');
  server.unref();
  await once(server, 'listening');
  return new FaultProxy(server, target, chance);
}
