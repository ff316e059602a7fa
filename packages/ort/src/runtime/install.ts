/** A runtime for libraries that look for one in the global object before they load their own. */
import { createRuntime, type Runtime, type RuntimeOptions } from './runtime.js';

/** Where transformers.js looks for a runtime when it is imported. */
export const RUNTIME_SYMBOL: unique symbol = Symbol.for('onnxruntime') as never;

/**
 * Makes a runtime and puts it where libraries look for one. To be called before transformers.js is imported, which reads it
 * once.
 * @param options as of `createRuntime`
 * @returns the runtime
 * @throws ArgumentError where `connect` is not a function
 * @example
 * installRuntime({ connect });
 * const { pipeline } = await import('@huggingface/transformers');
 */
export function installRuntime(options: RuntimeOptions): Runtime {
  const runtime = createRuntime(options);
  (globalThis as { [RUNTIME_SYMBOL]?: Runtime })[RUNTIME_SYMBOL] = runtime;
  return runtime;
}
