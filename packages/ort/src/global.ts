/**
 * @packageDocumentation Imported for its effect, before transformers.js: `node --import @tacit/ort/global program.mjs`. Stubs
 * that the program opens are private models then.
 */
import { connect } from './default-connect.js';
import { installRuntime } from './runtime/install.js';

installRuntime({ connect });
