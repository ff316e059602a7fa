/** Handles to native objects, and the scopes that free them. */
import { HeArgumentError, HeDisposedError } from '../errors.js';
import type { HeHandle, HeScope } from './library.js';

/** What native objects have in common. */
export interface NativeObject {
  delete(): void;
}

/** Frees what a forgotten handle held, when the garbage collector finds it: a safety net, late and not certain. */
const forgotten = new FinalizationRegistry<{ pool: HandlePool; free: () => void }>(({ pool, free }) =>
  pool.forget(free),
);

/**
 * A handle with its native object. Only the handle refers to itself: the pool and the registry know a closure over
 * the native objects, so that a forgotten handle can be collected.
 */
export abstract class Handle<N extends NativeObject> implements HeHandle {
  abstract readonly kind: string;
  private held: N | undefined;
  private readonly free: () => void;

  constructor(
    readonly pool: HandlePool,
    native: N,
    /** Objects that are made later and die with this one. */
    protected readonly dependents: NativeObject[] = [],
  ) {
    this.held = native;
    const free = () => {
      for (const dependent of dependents.splice(0)) dependent.delete();
      native.delete();
    };
    this.free = free;
    pool.adopt(this, free);
    forgotten.register(this, { pool, free }, this);
  }

  get native(): N {
    if (this.held === undefined) throw new HeDisposedError(`this ${this.kind}`);
    if (!this.pool.has(this.free)) {
      this.held = undefined;
      throw new HeDisposedError(`this ${this.kind}`);
    }
    return this.held;
  }

  get disposed(): boolean {
    return this.held === undefined || !this.pool.has(this.free);
  }

  dispose(): void {
    if (this.held === undefined) return;
    this.held = undefined;
    forgotten.unregister(this);
    this.pool.forget(this.free);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** All live handles of one context, and the stack of its open scopes. */
export class HandlePool {
  private readonly live = new Set<() => void>();
  private readonly scopes: Scope[] = [];

  get size(): number {
    return this.live.size;
  }

  has(free: () => void): boolean {
    return this.live.has(free);
  }

  adopt(handle: HeHandle, free: () => void): void {
    this.live.add(free);
    this.scopes.at(-1)?.collect(handle);
  }

  forget(free: () => void): void {
    if (this.live.delete(free)) free();
  }

  freeAll(): void {
    for (const free of [...this.live]) this.forget(free);
    this.scopes.length = 0;
  }

  open(): Scope {
    const scope = new Scope(this);
    this.scopes.push(scope);
    return scope;
  }

  /** Closes `scope` and what is still open inside it; `kept` go to the scope around it. */
  close(scope: Scope, kept: Iterable<HeHandle>): void {
    const at = this.scopes.indexOf(scope);
    if (at < 0) return;
    for (const inner of this.scopes.slice(at + 1).reverse()) inner.dispose();
    this.scopes.pop();
    const outer = this.scopes.at(-1);
    if (outer) for (const handle of kept) outer.collect(handle);
  }
}

export class Scope implements HeScope {
  private readonly handles = new Set<HeHandle>();
  private readonly kept = new Set<HeHandle>();
  private open = true;

  constructor(private readonly pool: HandlePool) {}

  get disposed(): boolean {
    return !this.open;
  }

  collect(handle: HeHandle): void {
    this.handles.add(handle);
  }

  keep<H extends HeHandle>(handle: H): H {
    if (this.handles.delete(handle)) this.kept.add(handle);
    return handle;
  }

  dispose(): void {
    if (!this.open) return;
    this.pool.close(this, this.kept);
    this.open = false;
    for (const handle of this.handles) handle.dispose();
    this.handles.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Runs `body` in a scope of `pool`; see `HeContext.scope`. */
export function runInScope<T>(pool: HandlePool, body: (scope: HeScope) => T): T {
  const scope = pool.open();
  try {
    const result = body(scope);
    if (typeof result === 'object' && result !== null && 'then' in result)
      throw new HeArgumentError(
        'the body of a scope returned a promise; what it makes would be freed while it still runs',
      );
    for (const item of Array.isArray(result) ? result : [result])
      if (item instanceof Handle) scope.keep(item);
    return result;
  } finally {
    scope.dispose();
  }
}
