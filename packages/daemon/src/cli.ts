/** @packageDocumentation Commands of the package, for `tacit`. What they need is loaded by the one that runs. */

export {
  type HomeFlags,
  listenSettings,
  quietSettings,
  type SettingFlags,
  withHome,
  withSettings,
  withWaits,
} from './commands/flags.js';
export { addDaemonCommands, reachableAt, startDaemonCommand } from './commands/index.js';
export { addDoctor } from './doctor/command.js';
export { addPolicyCommands } from './policy-commands/index.js';
