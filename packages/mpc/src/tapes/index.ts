/** Correlated randomness that is made ahead: plans, dealing, and the source of a session. */
export { type DealTapeOptions, dealTape } from './deal.js';
export { TapeError, type TapeErrorCode } from './errors.js';
export {
  encodePlan,
  type PlannedOperation,
  parsePlan,
  planHash,
  planSettings,
  type TapePlan,
} from './plan.js';
export { type SpentTape, type TapeCorrections, tapeRandomness } from './play.js';
export { plannedOperation, recording } from './record.js';
export { correctionBytes, encodeTable, parseTable, ROW_BYTES, type TapeEntry, tableOf } from './table.js';
