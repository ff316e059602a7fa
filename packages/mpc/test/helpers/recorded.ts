/** A transport that shows what arrives, before anybody else sees it. */
import type { Entry, Transport, TransportHandlers } from '@tacit/comm';

export class RecordedTransport implements Transport {
  readonly movesBuffers: boolean | undefined;

  constructor(
    readonly inner: Transport,
    readonly see: (from: number, entry: Entry) => void,
  ) {
    this.movesBuffers = inner.movesBuffers;
  }
  get rank(): number {
    return this.inner.rank;
  }
  get size(): number {
    return this.inner.size;
  }
  start(handlers: TransportHandlers): void {
    this.inner.start({
      ...handlers,
      onEntries: (from, entries, wireBytes) => {
        for (const entry of entries) this.see(from, entry);
        handlers.onEntries(from, entries, wireBytes);
      },
    });
  }
  send(to: number, entries: Entry[]): void {
    this.inner.send(to, entries);
  }
  flushed(to: number): Promise<void> {
    return this.inner.flushed(to);
  }
  close(): Promise<void> {
    return this.inner.close();
  }
  destroy(): void {
    this.inner.destroy();
  }
}
