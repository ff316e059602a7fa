// node bench/tapes.mjs [--rtt MS] [--mbit N] [--repeat N] [--netns] [--quick]: one image through a fixture model, two
// parties and a dealer in three processes, over a network as between organisations and without it; then the parties alone,
// on a tape that was dealt ahead. Build before. It ends with code 1 where an inference takes longer than its rounds explain.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parsePlan } from '@tacit/mpc';
import { Ring } from '@tacit/ring';
import { createTapeKey, dealTapes, readTapeKey } from '@tacit/tapes';
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
const PARTIES = MEMBERS.slice(0, 2);
/** What a round may take beside its round trip, and an inference beside its rounds, in ms. */
const [ROUND_MS, REST_MS, TAPE_REST_MS] = [2, 80, 50];

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

/** What each member measured, the parties alone where they have tapes, where `addressesFor` makes what each one dials from where all listen. */
async function measure({ hosts, addressesFor, within = () => ({}), warmUps, tapes }) {
  const taking = tapes ? PARTIES : MEMBERS;
  const members = taking.map((_, rank) => start('tape-member', within(rank)));
  try {
    const listening = members.map(({ next }) => next());
    for (const [rank, { child }] of members.entries())
      child.send({ rank, host: hosts[rank], warmUps, repetitions });
    const addresses = await Promise.all(listening);
    const keys = await Promise.all(taking.map(() => generateKeys()));
    const publicKeys = keys.map(({ publicKey }) => publicKey);
    const dialled = await Promise.all(taking.map((_, rank) => addressesFor(addresses, rank)));
    const results = members.map(({ next }) => next());
    for (const [rank, { child }] of members.entries())
      child.send({
        addresses: dialled[rank],
        keys: { secretKey: keys[rank].secretKey, publicKeys },
        tape: tapes?.[rank],
      });
    return await Promise.all(results);
  } finally {
    for (const { child } of members) child.kill();
  }
}

const LOCAL = MEMBERS.map(() => '127.0.0.1');

const direct = () => measure({ hosts: LOCAL, addressesFor: (addresses) => addresses, warmUps: 300 });

/** Each member dials the others through a process that carries what they send slowly. */
async function throughProxy(tapes) {
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
    return await measure({ hosts: LOCAL, addressesFor, warmUps: 20, tapes });
  } finally {
    child.kill();
  }
}

/** Each member in a network namespace of its own, with the delays of the kernel. */
async function throughNamespaces(tapes) {
  const namespaces = openNamespaces(MEMBERS, { delayMs: roundTripMs / 2, megabits });
  try {
    const { hosts, within } = namespaces;
    return await measure({ hosts, within, addressesFor: (addresses) => addresses, warmUps: 20, tapes });
  } finally {
    namespaces.close();
  }
}

/** A tape for what the parties did: where each finds its own. */
async function dealFor(plan, folder) {
  const keyOf = async (name) => {
    const key = join(folder, name);
    return { key, publicKey: await createTapeKey(key) };
  };
  const dealer = await keyOf('dealer');
  const own = await Promise.all(PARTIES.map(keyOf));
  const began = performance.now();
  await dealTapes({
    ring: await Ring.load(),
    plan: parsePlan(plan),
    members: PARTIES.map((name, rank) => ({ name, key: own[rank].publicKey })),
    keys: await readTapeKey(dealer.key),
    out: join(folder, 'tapes'),
  });
  const dealMs = performance.now() - began;
  const tapes = PARTIES.map((name, rank) => ({
    folder: join(folder, 'tapes', name),
    key: own[rank].key,
    dealer: dealer.publicKey,
  }));
  return { tapes, dealMs };
}

const far = values.netns ? throughNamespaces : throughProxy;
const [owner, client] = await far();
const [, near] = await direct();
const folder = mkdtempSync(join(tmpdir(), 'tacit-bench-'));
const { tapes, dealMs } = await dealFor(client.plan, folder);
const [tapeOwner, tapeClient] = await far(tapes);
rmSync(folder, { recursive: true });

const row = (dealer, { rounds, times, sent, frames, dealt }, owner, restMs, nearMs) => {
  const goal = rounds * (roundTripMs + ROUND_MS) + restMs;
  const ms = median(times);
  if (ms > goal) process.exitCode = 1;
  return {
    model: 'mnist_cnn_bn, batch 1',
    dealer,
    network: `${roundTripMs} ms, ${megabits} Mbit/s, ${values.netns ? 'namespaces' : 'proxy'}`,
    rounds,
    'without ms': nearMs,
    ms,
    goal,
    ratio: ms / goal,
    'worst ms': Math.max(...times),
    'owner sends': owner.sent,
    'client sends': sent,
    frames,
    'dealer bytes': dealt,
  };
};
console.log(
  table([
    row('online', client, owner, REST_MS, median(near.times)),
    row('tape', tapeClient, tapeOwner, TAPE_REST_MS, ''),
  ]),
);
console.log(
  `goal: rounds x ${roundTripMs + ROUND_MS} ms, and ${REST_MS} ms or, on a tape, ${TAPE_REST_MS} ms. ` +
    `The tape of ${20 + repetitions} inferences took ${dealMs.toFixed(0)} ms to deal.`,
);
