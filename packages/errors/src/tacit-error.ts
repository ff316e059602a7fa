/** Base class: an error with a stable `code` for programs and a message for people that says who, what and what to do. */
export class TacitError extends Error {
  readonly code: string;

  /**
   * @param code stable, in capitals, e.g. `PEER_LEFT`; listed with meaning and remedy in docs/errors.md
   * @param message what happened, where, and what to do
   */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}
