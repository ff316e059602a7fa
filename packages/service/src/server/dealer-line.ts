/** A connection to the dealer that is open before a client comes: each is good for one session. */
import { callDealer, type Organisation } from '@tacit/daemon/processes';

type Dealer = Awaited<ReturnType<typeof callDealer>>;

export class DealerLine {
  readonly #organisation: Organisation;
  readonly #name: string;
  readonly #closing = new AbortController();
  #spare: Promise<Dealer | undefined> | undefined;

  /**
   * @param organisation of the service
   * @param name of the peer that deals
   */
  constructor(organisation: Organisation, name: string) {
    this.#organisation = organisation;
    this.#name = name;
  }

  /**
   * The dealer, connected.
   * @param signal gives up
   * @throws what calling it throws
   */
  async take(signal: AbortSignal): Promise<Dealer> {
    // Taken before it is awaited: of two clients that come together one gets it.
    const prepared = this.#spare;
    this.#spare = undefined;
    const spare = await prepared;
    return spare && spare.connection.failure === undefined
      ? spare
      : callDealer(this.#organisation, this.#name, AbortSignal.any([signal, this.#closing.signal]));
  }

  /** Connects for the next client. */
  prepare(): void {
    if (this.#closing.signal.aborted) return;
    this.#spare ??= callDealer(this.#organisation, this.#name, this.#closing.signal).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the service ends'));
    (await this.#spare)?.connection.close();
  }
}
