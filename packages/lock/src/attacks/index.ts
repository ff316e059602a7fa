export { attackLocked } from './attack-locked.js';
export { type FineTuneCurve, type FineTuneOptions, type FineTuneReport, fineTune } from './fine-tune.js';
export { type PruneRow, prune } from './prune.js';
export {
  ATTACKS,
  type Attack,
  type AttackedLock,
  type AttackOptions,
  type AttackReport,
  attackLock,
} from './run-attacks.js';
export { type SearchSpace, searchSpace } from './search-space.js';
export { type WrongKeyReport, wrongKey } from './wrong-key.js';
