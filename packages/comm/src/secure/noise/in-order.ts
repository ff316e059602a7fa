/** Results that may be there at once or later, taken in the order in which they were asked for. */

export class InOrder {
  #tail = Promise.resolve();
  #waiting = 0;

  /**
   * Passes a result on once all before it have been passed on: at once if there is nothing to wait for.
   * @param result the value, or what resolves with it
   * @param take gets it; must not throw
   * @param fail called instead if it rejects
   */
  push<T>(result: T | Promise<T>, take: (value: T) => void, fail: (error: unknown) => void): void {
    if (this.#waiting === 0 && !(result instanceof Promise)) {
      take(result);
      return;
    }
    this.#waiting++;
    const before = this.#tail;
    const settled = Promise.resolve(result).then(
      (value) => () => take(value),
      (error) => () => fail(error),
    );
    this.#tail = (async () => {
      const deliver = await settled;
      await before;
      this.#waiting--;
      deliver();
    })();
  }
}
