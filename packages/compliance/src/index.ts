export type { RunEngines } from './engine/cases.js';
export { engineCompliance } from './engine/engine-compliance.js';
export { failureOf, type Group, type MakeGroup, withGroup } from './group.js';
export { transportCompliance } from './transport-compliance.js';
