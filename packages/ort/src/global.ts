/**
 * @packageDocumentation Imported for its effect, before transformers.js: `node --import @tacit/ort/global program.mjs`. Stubs
 * that the program opens are private models then. In the environment, TACIT_INVITE is the invite for stubs that have none,
 * and TACIT_TRIAL=1 accepts a service that deals itself: for trying out only.
 */
import { connect } from './default-connect.js';
import { installRuntime } from './runtime/install.js';

const { TACIT_INVITE: invite, TACIT_TRIAL: trial } = process.env;

installRuntime({
  connect: (given, options) => connect(given, { ...options, ...(trial === '1' && { trial: true }) }),
  ...(invite !== undefined && { invite }),
});
