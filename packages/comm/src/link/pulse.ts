/**
 * Signs of life on a connection of a link. They are asked for here and not by the WebSocket's own heartbeat, since a relay
 * or proxy on the way would answer that in place of the member.
 *
 * Beats are counted and not clock time: a beat that is late since this thread was busy proves nothing.
 */
import type { Channel } from '../channel/channel.js';

export const PING = 'p';

/** Fewer bytes in a beat may be the heartbeat of a relay. */
const SIGN_BYTES = 1024;

export class Pulse {
  readonly #channel: Channel;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #beatMs: number;
  readonly #silentMs: number;
  readonly #onSilence: () => void;
  readonly #onPause: () => void;
  #heard = true;
  #silence = 0;
  #bytes = 0;
  #paused = false;

  /**
   * Starts to count.
   * @param channel the connection
   * @param times how often to look, and after how long without a sign it is silent
   * @param onSilence called once then
   * @param onPause called at each beat of a pause, to give a sign of life that needs no answer
   */
  constructor(
    channel: Channel,
    { heartbeatMs, silentMs }: { readonly heartbeatMs: number; readonly silentMs: number },
    onSilence: () => void,
    onPause: () => void,
  ) {
    this.#channel = channel;
    this.#beatMs = Math.min(heartbeatMs, silentMs);
    this.#silentMs = silentMs;
    this.#onSilence = onSilence;
    this.#onPause = onPause;
    this.#bytes = channel.bytesRead?.() ?? 0;
    this.#timer = setInterval(() => this.#beat(), this.#beatMs);
    // In Node.js the connection itself keeps the process alive; browsers have numbers.
    if (typeof this.#timer === 'object') this.#timer.unref();
  }

  /** A message has come in. */
  heard(): void {
    this.#heard = true;
  }

  /**
   * While nothing is read, silence says nothing, and the other end gets signs of life without having asked.
   * @param paused whether it is so from now on
   */
  pause(paused: boolean): void {
    this.#paused = paused;
    this.#heard = true;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const bytes = this.#channel.bytesRead?.() ?? 0;
    // A large message on a slow network is a sign of life long before it is complete.
    const alive = this.#paused || this.#heard || bytes - this.#bytes >= SIGN_BYTES;
    this.#silence = alive ? 0 : this.#silence + this.#beatMs;
    this.#heard = false;
    this.#bytes = bytes;
    if (this.#silence >= this.#silentMs) {
      this.stop();
      this.#onSilence();
    } else if (this.#paused) this.#onPause();
    else if (!alive) this.#channel.send(PING);
  }
}
