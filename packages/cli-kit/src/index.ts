/** @packageDocumentation What the commands of several packages share; of no use to programs. */
export { endWithReader } from './closed-pipe.js';
export { type HostPort, hostPort } from './host-port.js';
export { interruptible } from './interruptible.js';
export { again, names } from './list-options.js';
export { integer, number, numbers, positive } from './number-options.js';
export { Progress } from './progress.js';
export { bytes, note, table } from './text.js';
export { DURATION, durationOf, durationText, SIZE, sizeOf, sizeText } from './units.js';
