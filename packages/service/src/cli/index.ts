/** @packageDocumentation Commands of the package, for `tacit`. What they need is loaded by the one that runs. */
export { addServiceCommands } from './commands.js';
