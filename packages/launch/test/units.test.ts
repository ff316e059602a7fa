import { expect } from 'chai';
import { describe as describeNotice } from '../src/cli/progress.js';
import { LaunchOptionsError, PartyError, PartyExitedError, ResultTransferError } from '../src/errors.js';
import { decodeLaunchError, encodeLaunchError } from '../src/launch-error.js';
import { tsxPath } from '../src/member/typescript.js';
import { checkOptions } from '../src/options.js';
import { inheritedOptions } from '../src/parent/process-member.js';
import { type Failure, verdict } from '../src/parent/verdict.js';
import type { PredictResult } from '../src/predict/messages.js';
import { predictReport } from '../src/predict/report.js';
import { decodeError, encodeError } from '../src/remote-error.js';
import { decodeResult, encodeResult } from '../src/result-codec.js';

// The ESM build, whichever way this file is loaded: the library's two builds have separate classes.
const { Tensor } = await import('onnxruntime-common');

describe('options of a launch', () => {
  const rejects = (options: object, text: string): void => {
    expect(() => checkOptions(options as never))
      .to.throw(LaunchOptionsError, text)
      .with.property('code', 'LAUNCH_OPTIONS');
  };
  it('have defaults', () => {
    expect(checkOptions({ worldSize: 3 })).to.deep.include({
      parties: 3,
      members: 4,
      transport: 'threads',
      timeoutMs: 120_000,
    });
    expect(checkOptions({ worldSize: 3, dealer: 'first-party' }).members).to.equal(3);
    expect(checkOptions({ worldSize: 2, config: { fractionBits: 12 } }).config).to.include({
      fractionBits: 12,
      window: 64,
    });
  });
  it('are checked', () => {
    rejects({ worldSize: 1 }, 'worldSize');
    rejects({ worldSize: 2.5 }, 'worldSize');
    rejects({ worldSize: 2, transport: 'pigeon' }, 'pigeon');
    rejects({ worldSize: 2, dealer: 'none' }, 'none');
    rejects({ worldSize: 2, timeoutMs: 0 }, 'timeoutMs');
    rejects({ worldSize: 2, timeout: 5 }, "unknown option 'timeout'");
    rejects({ worldSize: 2, config: { bits: 5 } }, "unknown setting 'bits'");
  });
});

describe('results of parties', () => {
  const trip = async (value: unknown): Promise<unknown> => decodeResult(structuredClone(encodeResult(value)));

  it('arrive as they were, tensors included', async () => {
    const shared = { a: 1 };
    const value = {
      tensor: new Tensor('float32', Float32Array.of(1, 2), [2, 1]),
      list: [1n, undefined, null, 'x', new Tensor('int64', BigInt64Array.of(5n), [1])],
      map: new Map<string, unknown>([['k', new Tensor('bool', [true], [1])]]),
      set: new Set([1]),
      twice: [shared, shared],
      bytes: Uint8Array.of(1),
    };
    const seen = (await trip(value)) as typeof value;
    expect(seen.tensor).to.be.instanceOf(Tensor);
    expect(Array.from(seen.tensor.data as Float32Array)).to.deep.equal([1, 2]);
    expect(seen.tensor.dims).to.deep.equal([2, 1]);
    expect(seen.list.slice(0, 4)).to.deep.equal(value.list.slice(0, 4));
    expect((seen.list[4] as { data: unknown }).data).to.deep.equal(BigInt64Array.of(5n));
    expect(seen.map.get('k')).to.be.instanceOf(Tensor);
    expect(seen.set).to.deep.equal(value.set);
    expect(seen.twice[0]).to.equal(seen.twice[1]);
    expect(seen.bytes).to.deep.equal(value.bytes);
    expect(await trip(undefined)).to.equal(undefined);
  });

  it('may be cyclic', async () => {
    const value: { self?: unknown; t: unknown } = { t: new Tensor('float32', Float32Array.of(1), [1]) };
    value.self = value;
    const seen = (await trip(value)) as typeof value;
    expect(seen.self).to.equal(seen);
    expect(seen.t).to.be.instanceOf(Tensor);
  });

  it('name what cannot leave', () => {
    class Thing {}
    expect(() => encodeResult({ a: [{ f: () => 1 }] })).to.throw(
      ResultTransferError,
      'the result.a[0].f is a function',
    );
    expect(() => encodeResult(new Thing())).to.throw(ResultTransferError, 'an instance of Thing');
  });
});

describe('errors between threads', () => {
  it('keep name, code, message, stack and causes', () => {
    const cause = Object.assign(new RangeError('inner'), { code: 'INNER' });
    const seen = decodeError(structuredClone(encodeError(new TypeError('outer', { cause }))));
    expect(seen).to.include({ name: 'TypeError', message: 'outer' });
    expect(seen.cause).to.include({
      name: 'RangeError',
      message: 'inner',
      code: 'INNER',
      stack: cause.stack,
    });
    expect(decodeError(encodeError('text')).message).to.equal('thrown: text');
    expect(decodeError(encodeError(undefined)).message).to.equal('thrown: undefined');
  });
  it('keep the classes of a launch', () => {
    const party = decodeLaunchError(encodeLaunchError(new PartyError(1, 'party 1', new Error('x'))));
    expect(party).to.be.instanceOf(PartyError).with.property('message', 'party 1 failed: x');
    const exit = decodeLaunchError(encodeLaunchError(new PartyExitedError(2, 'the dealer', null, 'SIGKILL')));
    expect(exit).to.be.instanceOf(PartyExitedError).with.property('signal', 'SIGKILL');
  });
});

describe('the verdict', () => {
  const failed = (rank: number, code: string): Failure => ({
    rank,
    name: `party ${rank}`,
    reason: { kind: 'error', error: { name: 'Error', message: code, code } },
  });
  const exited: Failure = {
    rank: 2,
    name: 'the dealer',
    reason: { kind: 'exit', code: null, signal: 'SIGKILL' },
  };

  it('is the root cause, not a consequence', () => {
    expect(verdict([failed(0, 'PEER_ABORTED'), failed(1, 'SHAPE')])).to.include({
      rank: 1,
      code: 'PARTY_FAILED',
    });
    expect(verdict([failed(0, 'PEER_LEFT'), exited])).to.include({ rank: 2, code: 'PARTY_EXITED' });
    expect(verdict([exited, failed(1, 'SHAPE')])).to.include({ rank: 1 });
    expect(verdict([failed(0, 'PEER_ABORTED'), failed(1, 'PEER_TIMEOUT')])).to.include({ rank: 1 });
    expect(verdict([failed(1, 'SHAPE'), failed(0, 'SHAPE')])).to.include({ rank: 1 });
  });
});

describe('options of this process', () => {
  it('go on to children, but for those that make no sense twice', () => {
    expect(
      inheritedOptions(['--import', 'tsx', '--inspect-brk=9229', '--max-old-space-size=100', '-e', 'code']),
    ).to.deep.equal(['--import', 'tsx', '--max-old-space-size=100']);
  });
  it('tell where tsx is', () => {
    expect(tsxPath(['--import', 'file:///x/node_modules/tsx/dist/loader.mjs'])).to.equal(
      '/x/node_modules/tsx/dist/loader.mjs',
    );
    expect(tsxPath(['--import=tsx'])).to.match(/package\.json$/);
    expect(tsxPath(['--import', './other.mjs'])).to.equal(undefined);
  });
});

describe('a prediction', () => {
  it('reports what all parties counted', () => {
    const relu = { name: 'relu', shape: [2], rounds: 4, bytes: 10, ms: 1 };
    const add = { name: 'add', shape: [2], rounds: 0, bytes: 0, ms: 0.5 };
    const traffic = { rounds: 4, bytesSent: 100, payloadSent: 90, dealerBytes: 7, dealerPayload: 6 };
    const result: PredictResult = {
      outputShape: [2],
      setup: { rounds: 1, bytesSent: 5, payloadSent: 4, dealerBytes: 0, dealerPayload: 0 },
      readyAt: 1500,
      inference: traffic,
      inferenceMs: [3, 1, 2],
      operations: [relu, relu, add],
    };
    const other = { ...result, readyAt: 1600, operations: [add, { ...relu, ms: 9 }, relu] };
    const report = predictReport([result, other], 1, 1000, 2 ** 21);
    expect(report).to.deep.include({
      rounds: 4,
      bytesSent: [100, 100],
      payloadSent: [90, 90],
      dealerBytes: [7, 7],
      dealerPayload: [6, 6],
      setupMs: 600,
      inferenceMs: 2,
      peakRssMB: 2,
    });
    expect(report.operations).to.deep.equal([add, { ...relu, bytes: 20, ms: 9 }, { ...relu, bytes: 20 }]);
  });
  it('has a progress line', () => {
    expect(describeNotice({ phase: 'setup' }, 1)).to.equal('setup');
    expect(describeNotice({ phase: 'inference', index: 1, operations: 9, done: 3 }, 5)).to.equal(
      'inference 2/5, operation 4 of 9',
    );
  });
});
