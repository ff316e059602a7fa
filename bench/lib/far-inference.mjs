// One image through a fixture model over a network as between organisations: what the command line says of the network, and
// whether an inference takes as long as its rounds explain.
import { parseArgs } from 'node:util';
import { median } from './measure.mjs';
import { overLoopback, throughNamespaces, throughProxy } from './networks.mjs';

const { values } = parseArgs({
  options: {
    rtt: { type: 'string', default: '40' },
    mbit: { type: 'string', default: '100' },
    repeat: { type: 'string', default: '15' },
    netns: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
});
const [roundTripMs, megabits] = [Number(values.rtt), Number(values.mbit)];
const repetitions = values.quick ? 5 : Number(values.repeat);
const plan = { model: 'mnist_cnn_bn', input: [1, 1, 28, 28], mode: 'owned', repetitions };
const WARM_UPS = 20;

/** How many inferences each member does over the network. */
export const inferences = WARM_UPS + repetitions;

/** What each member measured over the network; `more` of a plan as networks.mjs has it. */
export const far = (more = {}) =>
  (values.netns ? throughNamespaces : throughProxy)(
    { ...plan, warmUps: WARM_UPS, ...more },
    { roundTripMs, megabits },
  );

/** The same without a network. */
export const near = () => overLoopback({ ...plan, warmUps: 300 });

/** What a round may take, in ms. */
export const roundMs = roundTripMs + 2;

/**
 * What the client measured, beside what is explained. An inference that takes longer ends this process with code 1.
 * @param restMs what an inference may take beside its rounds
 */
export function farRow([owner, client], restMs) {
  const goal = client.rounds * roundMs + restMs;
  const ms = median(client.times);
  if (ms > goal) process.exitCode = 1;
  return {
    model: `${plan.model}, batch 1`,
    network: `${roundTripMs} ms, ${megabits} Mbit/s, ${values.netns ? 'namespaces' : 'proxy'}`,
    rounds: client.rounds,
    ms,
    goal,
    ratio: ms / goal,
    'worst ms': Math.max(...client.times),
    'owner sends': owner.sent,
    'client sends': client.sent,
    frames: client.frames,
    'dealer bytes': client.dealt,
  };
}
