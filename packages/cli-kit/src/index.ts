/** @packageDocumentation What the commands of several packages share; of no use to programs. */
export { interruptible } from './interruptible.js';
export { integer, number, numbers, positive } from './number-options.js';
export { Progress } from './progress.js';
export { bytes, table } from './text.js';
