export { failureOf, type Group, type MakeGroup, withGroup } from './group.js';
export { transportCompliance } from './transport-compliance.js';
