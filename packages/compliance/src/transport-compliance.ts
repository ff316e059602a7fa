import { deliverySuite } from './delivery.js';
import { failureSuite } from './failures.js';
import type { MakeGroup } from './group.js';
import { jitterSuite } from './jitter.js';
import { resourceSuite } from './resources.js';

/**
 * The suite that every transport must pass: call it at the top level of a mocha test file.
 * @param name for the titles of the tests
 * @param makeGroup gives connected, unstarted transports for all ranks in this thread
 */
export function transportCompliance(name: string, makeGroup: MakeGroup): void {
  describe(`${name}: delivery`, () => deliverySuite(makeGroup));
  describe(`${name}: failures`, () => failureSuite(makeGroup));
  describe(`${name}: jitter`, () => jitterSuite(makeGroup));
  describe(`${name}: resources`, () => resourceSuite(makeGroup));
}
