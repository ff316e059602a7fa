/** The plan of a program from one run of it: what is announced at a party is what has to be dealt for. */
import type { DealtOperation, RandomnessSource } from '../runtime/randomness.js';
import type { PlannedOperation } from './plan.js';

/**
 * A planned operation, as `announce` tells of one.
 * @param operation with its number and descriptor
 * @returns what a plan has of it
 */
export const plannedOperation = ({ id, descriptor }: DealtOperation): PlannedOperation => ({
  scope: id.scope,
  index: id.index,
  descriptor,
});

/**
 * The same source, which also tells of each operation that is dealt for.
 * @param source where the randomness comes from
 * @param onOperation called in program order
 * @returns a source of the same name
 * @example
 * const operations: PlannedOperation[] = [];
 * additive({ randomness: recording(liveDealer(), (operation) => operations.push(operation)) });
 */
export const recording = (
  source: RandomnessSource,
  onOperation: (operation: PlannedOperation) => void,
): RandomnessSource => ({
  name: source.name,
  members: source.members,
  async open(context) {
    const inner = await source.open(context);
    return {
      seed: inner.seed,
      announce(operation, queue) {
        onOperation(plannedOperation(operation));
        inner.announce(operation, queue);
      },
      take: (key, bytes) => inner.take(key, bytes),
      used: (corrections) => inner.used(corrections),
      close: () => inner.close?.(),
    };
  },
});
