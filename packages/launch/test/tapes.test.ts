/** Sessions without a dealer: parties that connect as on different machines, each with its own folder of tapes. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultConfig, liveDealer, type PlannedOperation, planHash, recording } from '@tacit/mpc';
import * as nn from '@tacit/nn';
import { planOf } from '@tacit/nn';
import { buildGraph, parseOnnx, specialize } from '@tacit/onnx';
import { Ring } from '@tacit/ring';
import { createTapeKey, dealTapes, readTapeKey, type TapeKeys, tapes } from '@tacit/tapes';
import { expect } from 'chai';
import { fromOnnx } from '../src/from-onnx.js';
import type { LaunchedParty } from '../src/launched-party.js';
import { listen } from '../src/session/connect-session.js';
import { type JoinSessionOptions, joinSession, runDealer } from '../src/session/join-session.js';
import { checkSession } from '../src/session/session-options.js';
import { fixture } from './helpers/run.js';

const MODEL = fixture('mnist_cnn_bn/model.onnx');
const SHAPE = [1, 1, 28, 28];
/** Exact truncations: the same outputs whatever the shares are. */
const config = { truncation: 'exact' as const };

async function digit(party: LaunchedParty): Promise<number[] | undefined> {
  const model = await fromOnnx(party, MODEL, { src: 0, inputShape: SHAPE });
  await model.encrypt(party, { src: 0 }).prepare();
  const image = Float64Array.from({ length: 784 }, (_, i) => ((i * 37) % 256) / 255);
  const x = party.cryptensor(party.rank === 1 ? image : undefined, { src: 1, shape: SHAPE });
  const plain = await model.forward(x).revealFloat64({ to: 1 });
  return plain && [...plain.data];
}

describe('a session on tapes', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'tacit-launch-'));
  after(() => rmSync(folder, { recursive: true }));
  const token = crypto.getRandomValues(new Uint8Array(32));
  const graph = () => specialize(buildGraph(parseOnnx(readFileSync(MODEL))), { input: SHAPE });
  const operations: PlannedOperation[] = [];
  let keys: Record<'alice' | 'bob' | 'dealer', TapeKeys>;

  before(async () => {
    const keyOf = async (name: string): Promise<TapeKeys> => {
      await createTapeKey(join(folder, name));
      return readTapeKey(join(folder, name));
    };
    keys = { alice: await keyOf('alice'), bob: await keyOf('bob'), dealer: await keyOf('dealer') };
  });

  async function run<T>(
    options: (rank: number) => Partial<JoinSessionOptions>,
    dealer: boolean,
    program: (party: LaunchedParty) => Promise<T>,
  ) {
    const doors = await Promise.all(Array.from({ length: dealer ? 3 : 2 }, () => listen()));
    const member = (rank: number) => ({
      worldSize: 2,
      sessionId: 'digits',
      addresses: doors.map(({ address }) => address),
      listen: doors[rank],
      token,
      config,
      timeoutMs: 20_000,
    });
    try {
      const parties = [0, 1].map((rank) => joinSession({ ...member(rank), rank, ...options(rank) }, program));
      const [ends] = await Promise.all([
        Promise.allSettled(parties),
        dealer ? runDealer({ ...member(2) }) : undefined,
      ]);
      return ends;
    } finally {
      await Promise.all(doors.map((door) => door.close()));
    }
  }

  it('computes what it computes with a dealer, with none', async () => {
    const live = await run(
      (rank) => (rank === 1 ? { randomness: recording(liveDealer(), (o) => operations.push(o)) } : {}),
      true,
      digit,
    );
    const plan = await planOf(graph(), { config: { ...defaultConfig, ...config } });
    expect(operations).deep.equal(plan.operations);
    const members = (['alice', 'bob'] as const).map((name) => ({ name, key: keys[name].publicText }));
    await dealTapes({
      ring: await Ring.load(),
      plan,
      members,
      keys: keys.dealer,
      count: 2,
      out: join(folder, 'out'),
    });
    const own = (rank: number) => {
      const name = (['alice', 'bob'] as const)[rank];
      const dealer = keys.dealer.publicText;
      const randomness = tapes({
        folder: join(folder, 'out', name),
        keys: keys[name],
        dealer,
        plan: planHash(plan),
      });
      return { randomness };
    };
    for (let session = 0; session < 2; session++)
      expect(await run(own, false, digit)).deep.equal(live.map((end) => end));
    const exhausted = await run(own, false, digit);
    for (const end of exhausted) expect(end.status).equal('rejected');
    expect(exhausted.map((end) => end.status === 'rejected' && end.reason.code)).include('NO_TAPE');
  });

  it('trains on what was recorded with a dealer', async () => {
    const recorded: PlannedOperation[] = [];
    const train = async (party: LaunchedParty): Promise<number> => {
      const model = new nn.Sequential(
        new nn.Linear(4, 8),
        new nn.ReLU(),
        new nn.Dropout(0.25),
        new nn.Linear(8, 1),
      );
      model.encrypt(party, { src: 0 });
      const optimizer = new nn.optim.Adam(model.parameters(), { lr: 0.1 });
      const x = party.cryptensor(party.rank === 0 ? new Float64Array(24).fill(0.5) : undefined, {
        src: 0,
        shape: [6, 4],
      });
      const y = party.cryptensor(party.rank === 1 ? new Float64Array(6).fill(1) : undefined, {
        src: 1,
        shape: [6, 1],
      });
      let loss = 0;
      for (let step = 0; step < 3; step++) {
        const error = new nn.MSELoss().forward(model.forward(x), y);
        error.backward();
        optimizer.step();
        optimizer.zeroGrad();
        loss = (await error.revealFloat64())?.data[0] ?? Number.NaN;
      }
      return loss;
    };
    const live = await run(
      (rank) => (rank === 0 ? { randomness: recording(liveDealer(), (o) => recorded.push(o)) } : {}),
      true,
      train,
    );
    const plan = { parties: 2, config: { ...defaultConfig, ...config }, operations: recorded };
    const members = (['alice', 'bob'] as const).map((name) => ({ name, key: keys[name].publicText }));
    const out = join(folder, 'training');
    await dealTapes({ ring: await Ring.load(), plan, members, keys: keys.dealer, out });
    const own = (rank: number) => {
      const name = (['alice', 'bob'] as const)[rank];
      return {
        randomness: tapes({ folder: join(out, name), keys: keys[name], dealer: keys.dealer.publicText }),
      };
    };
    const trained = await run(own, false, train);
    for (const ends of [live, trained]) {
      const [a, b] = ends.map((end) => (end.status === 'fulfilled' ? end.value : end.reason));
      expect(a).a('number').and.equal(b);
    }
  });

  it('has no dealer and no address of one', () => {
    const randomness = tapes({ folder, keys: keys.alice, dealer: keys.dealer.publicText });
    const options = { worldSize: 2, sessionId: 's', addresses: ['ws://x', ''], token, randomness };
    expect(checkSession(options, 1)).include({ parties: 2, size: 2 });
    expect(() => checkSession({ ...options, addresses: ['ws://x', '', ''] }, 1)).throw(
      'addresses needs 2 entries',
    );
    expect(() => checkSession({ ...options, dealer: 'separate' }, 1)).throw('takes the place of the dealer');
    expect(() => checkSession(options, 2)).throw('rank must be');
  });
});
