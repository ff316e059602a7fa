// The owner of a model, its client and a dealer in three processes (network-member.mjs), and the networks between them. A
// plan says what they do: `model` (a fixture), `input` (its shape), `mode`, `warmUps`, `repetitions`; `record`, whether the
// client says what is to be dealt for it; `tapes`, with which the parties are alone.
import { fork } from 'node:child_process';
import { generateKeys } from 'tacit';
import { openNamespaces } from './namespaces.mjs';

const MEMBERS = ['owner', 'client', 'dealer'];
/** Those that compute. */
export const PARTIES = MEMBERS.slice(0, 2);

const file = (name) => new URL(`./${name}.mjs`, import.meta.url);

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
async function measure({ tapes, ...plan }, { hosts, addressesFor, within = () => ({}) }) {
  const taking = tapes ? PARTIES : MEMBERS;
  const members = taking.map((_, rank) => start('network-member', within(rank)));
  try {
    const listening = members.map(({ next }) => next());
    for (const [rank, { child }] of members.entries()) child.send({ rank, host: hosts[rank], ...plan });
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

/** Each member dials the others as they are. */
export const overLoopback = (plan) => measure(plan, { hosts: LOCAL, addressesFor: (addresses) => addresses });

/** Each member dials the others through a process that carries what they send slowly. */
export async function throughProxy(plan, { roundTripMs, megabits }) {
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
    return await measure(plan, { hosts: LOCAL, addressesFor });
  } finally {
    child.kill();
  }
}

/** Each member in a network namespace of its own, with the delays of the kernel. */
export async function throughNamespaces(plan, { roundTripMs, megabits }) {
  const namespaces = openNamespaces(MEMBERS, { delayMs: roundTripMs / 2, megabits });
  try {
    const { hosts, within } = namespaces;
    return await measure(plan, { hosts, within, addressesFor: (addresses) => addresses });
  } finally {
    namespaces.close();
  }
}
