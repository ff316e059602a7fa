/**
 * The heartbeat of a channel. It keeps address translators awake and notices a network that is gone. A peer that
 * computes for minutes in its one thread answers nothing meanwhile, so the limit is generous; deadlines of receives are
 * what judges a stall.
 */

export interface HeartbeatSettings {
  /** Pause between heartbeats; 0 for none. Default 15 s. */
  pingIntervalMs?: number;
  /** How long a peer may answer no heartbeat before it counts as gone. Default 10 minutes. */
  deadAfterMs?: number;
}

export interface HeartbeatTarget {
  /** Asks the peer for a sign of life. */
  ping(): void;
  /** Gives a sign of life that needs no answer: those to pings would pile up at the peer while nothing is read. */
  pong(): void;
  /** How much has come in: a large message on a slow network is a sign of life long before it is complete. */
  bytesRead(): number;
  /** The peer has been silent for too long. */
  onSilence(deadAfterMs: number): void;
}

export class Heartbeat {
  readonly #intervalMs: number;
  readonly #deadAfterMs: number;
  readonly #target: HeartbeatTarget;
  #timer: ReturnType<typeof setInterval> | undefined;
  #challenge: ReturnType<typeof setTimeout> | undefined;
  #silentMs = 0;
  #pinged = false;
  #bytesRead = 0;
  #paused = false;

  /**
   * Does nothing until `start`.
   * @param settings how often, and how patiently
   * @param target the channel
   */
  constructor(settings: HeartbeatSettings, target: HeartbeatTarget) {
    const { pingIntervalMs = 15_000, deadAfterMs = 600_000 } = settings;
    this.#intervalMs = pingIntervalMs;
    this.#deadAfterMs = deadAfterMs;
    this.#target = target;
  }

  start(): void {
    if (this.#intervalMs <= 0 || this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#beat(), this.#intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#endChallenge();
  }

  /** Nothing is read from the peer: its silence says nothing, and this end gives signs of life without being asked. */
  pause(): void {
    this.#paused = true;
    this.#endChallenge();
  }

  resume(): void {
    this.#paused = false;
    this.heard();
  }

  /**
   * Asks for a sign of life now; during a pause none could be heard.
   * @param ms how long it may take
   */
  challenge(ms: number): void {
    if (this.#challenge !== undefined || this.#paused) return;
    this.#target.ping();
    this.#challenge = setTimeout(() => this.#target.onSilence(ms), ms);
  }

  #endChallenge(): void {
    clearTimeout(this.#challenge);
    this.#challenge = undefined;
  }

  /** The peer is alive. */
  heard(): void {
    this.#silentMs = 0;
    this.#pinged = false;
    this.#endChallenge();
  }

  /** Counts beats, not clock time: a beat that is late since this thread was busy proves nothing. */
  #beat(): void {
    if (this.#paused) {
      this.#target.pong();
      return;
    }
    const bytesRead = this.#target.bytesRead();
    if (bytesRead !== this.#bytesRead) this.#silentMs = 0;
    this.#bytesRead = bytesRead;
    this.#silentMs += this.#intervalMs;
    if (this.#silentMs > this.#deadAfterMs) this.#target.onSilence(this.#deadAfterMs);
    else if (!this.#pinged) {
      this.#pinged = true;
      this.#target.ping();
    }
  }
}
