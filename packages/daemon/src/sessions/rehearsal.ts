/**
 * What a thread does while nobody waits for it: it plays all members of a small session, in its own memory, so that an
 * engine that compiles what it runs has compiled most of it when a session begins. Nothing of it is kept.
 */
import { createThreadGroup, type Transport, threadTransport } from '@tacit/comm';
import { dealOver, type LaunchedParty, type MemberOptions, runPartyOver } from '@tacit/launch/session';
import { defaultConfig } from '@tacit/mpc';

/** What a rehearsal needs: the compiled kernels, and what ends it, since a session has begun. */
export interface Idle {
  readonly kernels: WebAssembly.Module;
  readonly signal: AbortSignal;
}

const [CLIENT, OWNER] = [0, 1];
/** From the second time on little is new. */
const TIMES = 3;
const TIMEOUT_MS = 60_000;

/**
 * Runs parties and a dealer in this thread.
 * @param programs of the parties, by rank
 * @param idle kernels and signal
 * @throws what a session throws, or the reason of the signal
 */
export async function rehearse(
  programs: readonly ((party: LaunchedParty) => Promise<unknown>)[],
  { kernels, signal }: Idle,
): Promise<void> {
  const parties = programs.length;
  const transports = createThreadGroup(parties + 1).map(threadTransport);
  const options: MemberOptions = {
    parties,
    dealer: 'separate',
    config: defaultConfig,
    timeoutMs: TIMEOUT_MS,
    names: transports.map((_, rank) => `member ${rank} of a rehearsal`),
    kernels,
    signal,
  };
  const onNotice = (): void => {};
  await Promise.all([
    ...programs.map((program, rank) =>
      runPartyOver(transports[rank] as Transport, { ...options, onNotice }, program),
    ),
    dealOver(transports[parties] as Transport, options),
  ]);
}

/**
 * Deals for a small network.
 * @param idle kernels and signal
 * @throws what a session throws, or the reason of the signal
 */
export const rehearseDealing = (idle: Idle): Promise<void> => rehearse([smallNetwork, smallNetwork], idle);

/** A convolution, a comparison, a pool and a product with weights of their owner, as in the networks of services. */
async function smallNetwork(party: LaunchedParty): Promise<void> {
  const zeros = (owner: number, count: number): Float64Array | undefined =>
    party.rank === owner ? new Float64Array(count) : undefined;
  const kernel = party.owned(zeros(OWNER, 36), { src: OWNER, shape: [4, 1, 3, 3] });
  const weights = party.owned(zeros(OWNER, 360), { src: OWNER, shape: [36, 10] });
  await Promise.all([kernel.prepare(), weights.prepare()]);
  for (let time = 0; time < TIMES; time++)
    await party.scope(`time ${time}`, async () => {
      const x = party.cryptensor(zeros(CLIENT, 64), { src: CLIENT, shape: [1, 1, 8, 8] });
      const pooled = x.conv2d(kernel).relu().maxPool2d({ kernel: 2 });
      await pooled.flatten(1).matmul(weights).revealFloat64({ to: CLIENT });
    });
}
