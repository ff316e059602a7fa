/**
 * What a thread does that waits for a client: it plays client, service and dealer of one session, in its own memory and with
 * zeros, so that an engine that compiles what it runs has compiled it when the client comes. Nothing of it is kept.
 */
import { type Idle, rehearse } from '@tacit/daemon/sessions';
import { specialize } from '@tacit/graph';
import type { LaunchedParty } from '@tacit/launch/session';
import { costOf } from '@tacit/nn';
import { Questions } from './ask-predictions.js';
import { byName, CLIENT, SERVICE } from './offer.js';
import type { Loaded } from './read-model.js';

/** A larger model computes so long that what it takes to compile is little. All bytes of one question, and of the masks. */
const MOST_BYTES = 8 * 2 ** 20;
/** From the second time on little is new. */
const QUESTIONS = 3;

/**
 * Rehearses a session, if that is a matter of moments.
 * @param model what is served
 * @param serve the service's part
 * @param idle the compiled kernels, and what ends it
 * @throws what a session throws, or the reason of the signal
 */
export async function rehearseServing(
  { graph, built, inputs, example: shapes }: Loaded,
  serve: (party: LaunchedParty) => Promise<unknown>,
  idle: Idle,
): Promise<void> {
  if (shapes === undefined) return;
  const concrete = specialize(graph ?? built(shapes), byName(inputs, shapes));
  const { bytes, dealerBytes, setupBytes } = await costOf(concrete, {
    modelOwner: SERVICE,
    inputOwners: inputs.map(() => CLIENT),
  });
  if (bytes + dealerBytes + setupBytes > MOST_BYTES || idle.signal.aborted) return;
  const ask = async (party: LaunchedParty): Promise<void> => {
    const questions = await Questions.open(party);
    await questions.prepare(shapes);
    const zeros = shapes.map((shape) => ({
      shape,
      data: new Float64Array(shape.reduce((product, size) => product * size, 1)),
    }));
    for (let i = 0; i < QUESTIONS; i++) await questions.run(zeros);
    await questions.end();
  };
  await rehearse([ask, serve], idle);
}
