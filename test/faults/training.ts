/** A training between processes whose connections break all the time, and the same one over connections that do not. */
import { breakingProxy } from '@tacit/compliance';
import { generateKeys, joinSession, listen, runDealer } from '@tacit/launch';
import * as nn from '@tacit/nn';
import { expect } from 'chai';

type Party = Parameters<Parameters<typeof joinSession>[1]>[0];

export interface Drops {
  /** How long a connection lasts, at least and at most. */
  readonly fromMs: number;
  readonly toMs: number;
}

const ROWS = 24;
const BATCH = 8;
/** Rounding is random, so two runs differ by some units of 2^-16 a step. */
const TOLERANCE = 2 ** -7;

/** Numbers that look random, from -1 to 1. */
function numbers(count: number, seed: number): number[] {
  let x = seed;
  return Array.from({ length: count }, () => {
    x = (x * 48271) % 2147483647;
    return (2 * x) / 2147483647 - 1;
  });
}

/** The mean loss of each epoch. */
async function train(party: Party, epochs: number): Promise<number[]> {
  const model = new nn.Sequential(new nn.Linear(4, 6), new nn.ReLU(), new nn.Linear(6, 2));
  for (const [i, parameter] of [...model.parameters()].entries())
    parameter.data = Float64Array.from(
      numbers(
        parameter.shape.reduce((a, b) => a * b, 1),
        7 + i,
      ),
    );
  model.encrypt(party, { src: 0 });
  const x = numbers(ROWS * 4, 99);
  const y = Array.from({ length: ROWS }, (_, i) => (x[4 * i] * x[4 * i + 1] > 0 ? [1, 0] : [0, 1]));
  const losses: number[] = [];
  await nn.fit(model, {
    inputs: party.cryptensor(x, { src: 0, shape: [ROWS, 4] }),
    targets: party.cryptensor(y, { src: 1 }),
    loss: new nn.MSELoss(),
    optimizer: new nn.optim.SGD(model.parameters(), { lr: 0.05 }),
    epochs,
    batchSize: BATCH,
    reveal: { loss: 'all' },
    onEpochEnd: ({ loss }) => {
      losses.push(Number(loss));
    },
  });
  return losses;
}

/** Both parties' losses, and how many connections broke. Party 1 and the dealer dial through what breaks. */
async function trained(epochs: number, drops?: Drops): Promise<{ losses: number[][]; breaks: number }> {
  const pairs = await Promise.all([0, 1, 2].map(generateKeys));
  const publicKeys = pairs.map(({ publicKey }) => publicKey);
  const doors = await Promise.all([listen(), listen()]);
  const ports = doors.map(({ address }) => Number(new URL(address).port));
  const proxies = drops
    ? await Promise.all(ports.map((port) => breakingProxy(port, drops.fromMs, drops.toMs)))
    : [];
  const around =
    proxies.length > 0 ? proxies.map(({ port }) => `ws://127.0.0.1:${port}`) : doors.map((d) => d.address);
  const options = (rank: number) => ({
    worldSize: 2,
    sessionId: 'training',
    // Each member that listens has its own address; the others see what is in front of it.
    addresses: [0, 1].map((at) => (at === rank ? doors[at].address : around[at])).concat(''),
    keys: { secretKey: pairs[rank].secretKey, publicKeys },
    resumeMs: 30_000,
    listen: doors[rank],
  });
  try {
    const [first, second] = await Promise.all([
      joinSession({ ...options(0), rank: 0 }, (party) => train(party, epochs)),
      joinSession({ ...options(1), rank: 1 }, (party) => train(party, epochs)),
      runDealer(options(2)),
    ]);
    return { losses: [first, second], breaks: proxies.reduce((sum, proxy) => sum + proxy.breaks(), 0) };
  } finally {
    for (const proxy of proxies) proxy.close();
    await Promise.all(doors.map((door) => door.close()));
  }
}

/**
 * Makes the test.
 * @param epochs of three steps
 * @param drops how long connections last
 * @param least how many connections must break, that it is worth something
 */
export function trainingSuite(epochs: number, drops: Drops, least: number): void {
  it(`${epochs} epochs have the losses that they have over connections that last`, async () => {
    const began = performance.now();
    const broken = await trained(epochs, drops);
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    const whole = await trained(epochs);
    expect(broken.breaks).to.be.at.least(least);
    expect(broken.losses[0]).to.have.length(epochs);
    expect(broken.losses[1]).to.deep.equal(broken.losses[0]);
    const apart = broken.losses[0].map((loss, i) => Math.abs(loss - whole.losses[0][i]));
    expect(Math.max(...apart)).to.be.lessThan(TOLERANCE);
    expect(broken.losses[0][epochs - 1]).to.be.lessThan(broken.losses[0][0]);
    process.stdout.write(
      `${epochs} epochs in ${seconds} s, ${broken.breaks} connections broken, losses ${Math.max(...apart)} apart at most\n`,
    );
  });
}
