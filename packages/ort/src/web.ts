/**
 * @packageDocumentation Takes the place of `onnxruntime-web` in a bundle: by an alias, programs and libraries that import that
 * module run stubs privately.
 */
import { connect } from './default-connect.js';
import { createRuntime } from './runtime/runtime.js';

const runtime = createRuntime({ connect });

/** Makes sessions: of stubs, and of small graphs without weights. */
export const { InferenceSession } = runtime;
/** The class of tensors of onnxruntime-common. */
export const { Tensor } = runtime;
/** Settings, of which none does anything. */
export const { env } = runtime;
export default runtime;
