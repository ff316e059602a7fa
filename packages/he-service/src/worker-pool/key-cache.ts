/**
 * Loaded evaluation keys of one worker: least recently used ones are disposed of when the sum of their bytes exceeds
 * the limit. The newest always stays, even if it alone exceeds the limit, because a task needs it.
 */
import type { KeyHandle } from './engine.js';

export class KeyCache {
  // A Map keeps its order of insertion: the first entry is the least recently used one.
  readonly #handles = new Map<string, KeyHandle>();
  #bytes = 0;

  constructor(readonly limitBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  names(): string[] {
    return [...this.#handles.keys()];
  }

  get(name: string): KeyHandle | undefined {
    const handle = this.#handles.get(name);
    if (!handle) return undefined;
    this.#handles.delete(name);
    this.#handles.set(name, handle);
    return handle;
  }

  /** Makes room before loading, so that old and new keys are not in memory at once. */
  makeRoom(bytes: number): void {
    for (const name of this.#handles.keys()) {
      if (this.#bytes + bytes <= this.limitBytes) return;
      this.drop(name);
    }
  }

  add(name: string, handle: KeyHandle): void {
    this.drop(name);
    this.makeRoom(handle.bytes);
    this.#handles.set(name, handle);
    this.#bytes += handle.bytes;
  }

  drop(name: string): void {
    const handle = this.#handles.get(name);
    if (!handle) return;
    this.#handles.delete(name);
    this.#bytes -= handle.bytes;
    handle.dispose();
  }

  clear(): void {
    this.dropAll('');
  }

  /** Drops all keys whose name starts with `prefix`. */
  dropAll(prefix: string): void {
    for (const name of this.names()) if (name.startsWith(prefix)) this.drop(name);
  }
}
