/**
 * What a thread that is to deal does while nobody waits for it: it plays all members of a small session, in its own memory,
 * so that an engine that compiles what it runs has compiled most of it when a client comes. Nothing of it is kept.
 */
import { createThreadGroup, threadTransport } from '@tacit/comm';
import { dealOver, type LaunchedParty, type MemberOptions, runPartyOver } from '@tacit/launch/session';
import { defaultConfig } from '@tacit/mpc';

const [CLIENT, OWNER, DEALER] = [0, 1, 2];
/** From the second time on little is new. */
const TIMES = 3;
const TIMEOUT_MS = 60_000;

/**
 * Deals for a small network.
 * @param kernels compiled
 * @param signal ends it: the session has begun
 * @throws what a session throws, or the reason of the signal
 */
export async function rehearseDealing(kernels: WebAssembly.Module, signal: AbortSignal): Promise<void> {
  const group = createThreadGroup(3).map(threadTransport);
  const names = ['client', 'owner', 'dealer'];
  const options: MemberOptions = {
    parties: 2,
    dealer: 'separate',
    config: defaultConfig,
    timeoutMs: TIMEOUT_MS,
    names,
    kernels,
    signal,
  };
  const onNotice = (): void => {};
  await Promise.all([
    ...[CLIENT, OWNER].map((rank) =>
      runPartyOver(group[rank] as (typeof group)[number], { ...options, onNotice }, smallNetwork),
    ),
    dealOver(group[DEALER] as (typeof group)[number], options),
  ]);
}

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
