// node bench/network.mjs [--rtt MS] [--mbit N] [--repeat N] [--netns] [--quick]: one image through a fixture model, two
// parties and a dealer in three processes, over a network as between organisations and without it. Build before. It ends
// with code 1 where an inference takes longer than its rounds explain.
import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { generateKeys } from 'tacit';
import { median, table } from './lib/measure.mjs';
import { openNamespaces } from './lib/namespaces.mjs';

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

const MEMBERS = ['owner', 'client', 'dealer'];
/** What a round may take beside its round trip, and an inference beside its rounds, in ms. */
const [ROUND_MS, REST_MS] = [2, 80];

const file = (name) => new URL(`./lib/${name}.mjs`, import.meta.url);

/** A child process whose messages are awaited one by one. */
function start(name, options) {
  const child = fork(file(name), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
    ...options,
  });
  const next = () =>
    new Promise((resolve, reject) => {
      child.once('message', resolve);
      child.once('exit', (code) => reject(new Error(`${name} ended with code ${code}`)));
    });
  return { child, next };
}

/** What each member measured, where `addressesFor` makes what each one dials from where all listen. */
async function measure({ hosts, addressesFor, within = () => ({}), warmUps }) {
  const members = MEMBERS.map((_, rank) => start('network-member', within(rank)));
  try {
    const listening = members.map(({ next }) => next());
    for (const [rank, { child }] of members.entries())
      child.send({ rank, host: hosts[rank], warmUps, repetitions });
    const addresses = await Promise.all(listening);
    const keys = await Promise.all(MEMBERS.map(() => generateKeys()));
    const publicKeys = keys.map(({ publicKey }) => publicKey);
    const dialled = await Promise.all(MEMBERS.map((_, rank) => addressesFor(addresses, rank)));
    const results = members.map(({ next }) => next());
    for (const [rank, { child }] of members.entries())
      child.send({ addresses: dialled[rank], keys: { secretKey: keys[rank].secretKey, publicKeys } });
    return await Promise.all(results);
  } finally {
    for (const { child } of members) child.kill();
  }
}

const LOCAL = MEMBERS.map(() => '127.0.0.1');

const direct = () => measure({ hosts: LOCAL, addressesFor: (addresses) => addresses, warmUps: 300 });

/** Each member dials the others through a process that carries what they send slowly. */
async function throughProxy() {
  const { child, next } = start('slow-link');
  try {
    let ports;
    const addressesFor = async (addresses) => {
      ports ??= (async () => {
        const ready = next();
        child.send({ ports: addresses.map((a) => Number(new URL(a).port)), roundTripMs, megabits });
        return ready;
      })();
      return (await ports).map((port) => `ws://127.0.0.1:${port}`);
    };
    return await measure({ hosts: LOCAL, addressesFor, warmUps: 20 });
  } finally {
    child.kill();
  }
}

/** Each member in a network namespace of its own, with the delays of the kernel. */
async function throughNamespaces() {
  const namespaces = openNamespaces(MEMBERS, { delayMs: roundTripMs / 2, megabits });
  try {
    const { hosts, within } = namespaces;
    return await measure({ hosts, within, addressesFor: (addresses) => addresses, warmUps: 20 });
  } finally {
    namespaces.close();
  }
}

const far = values.netns ? throughNamespaces : throughProxy;
const [owner, client] = await far();
const [, near] = await direct();
const goal = client.rounds * (roundTripMs + ROUND_MS) + REST_MS;
const ms = median(client.times);
console.log(
  table([
    {
      model: 'mnist_cnn_bn, batch 1',
      network: `${roundTripMs} ms, ${megabits} Mbit/s, ${values.netns ? 'namespaces' : 'proxy'}`,
      rounds: client.rounds,
      'without ms': median(near.times),
      ms,
      [`rounds x ${roundTripMs + ROUND_MS} + ${REST_MS}`]: goal,
      ratio: ms / goal,
      'worst ms': Math.max(...client.times),
      'owner sends': owner.sent,
      'client sends': client.sent,
      frames: client.frames,
      'dealer bytes': client.dealt,
    },
  ]),
);
if (ms > goal) process.exitCode = 1;
