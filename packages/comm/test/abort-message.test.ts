import { expect } from 'chai';
import { decodeAbort, encodeAbort, encodeFarewell, isFarewell } from '../src/communicator/abort-message.js';
import { PeerAbortedError, PeerLeftError, ProtocolViolationError } from '../src/index.js';

const nameOf = (rank: number): string => `party ${rank}`;
const relay = (error: Error, from: number, to: number) =>
  decodeAbort(encodeAbort(error).payload, from, to, nameOf);

describe('abort message', () => {
  it('carries code and message, and no stack', () => {
    const error = relay(Object.assign(new RangeError('too big'), { code: 'RANGE' }), 1, 0);
    expect(error).to.include({
      code: 'PEER_ABORTED',
      rank: 1,
      remoteCode: 'RANGE',
      remoteMessage: 'too big',
    });
    expect(new TextDecoder().decode(encodeAbort(new Error('x')).payload)).not.to.contain('abort-message');
    expect(relay(new RangeError('x'), 1, 0)).to.include({ remoteCode: 'RangeError' });
  });

  it('names the culprit, not the messenger', () => {
    const left = relay(new PeerLeftError(2, 'disconnected'), 1, 0);
    expect(left).to.include({ code: 'PEER_LEFT', rank: 2, reason: 'disconnected' });
    expect(left.message).to.contain('party 2').and.contain('reported by party 1');
    const violation = relay(new ProtocolViolationError('noise', 2), 1, 0);
    expect(violation).to.include({ code: 'PROTOCOL_VIOLATION', rank: 2 });
  });

  it('whoever is blamed hears who blames it', () => {
    expect(relay(new ProtocolViolationError('noise', 0), 1, 0)).to.include({ code: 'PEER_ABORTED', rank: 1 });
    expect(relay(new PeerLeftError(1, 'goodbye'), 1, 0)).to.include({ code: 'PEER_ABORTED', rank: 1 });
  });

  it('last words name who failed, and keep to themselves what was said', () => {
    const last = (error: Error, reporter = 1) => {
      const { payload } = encodeFarewell(error, reporter);
      expect(isFarewell(payload)).to.equal(true);
      return decodeAbort(payload, 2, 0, nameOf);
    };
    expect(isFarewell(encodeAbort(new Error('x')).payload)).to.equal(false);
    expect(isFarewell(new Uint8Array([0xff]))).to.equal(false);
    const aborted = last(new PeerAbortedError(1, 'INFINITE', 'secret'));
    expect(aborted).to.include({ code: 'PEER_ABORTED', rank: 1 });
    expect(aborted.message).to.contain('[INFINITE]');
    // Not that party 1 is who broke the protocol, or left.
    for (const code of ['PROTOCOL_VIOLATION', 'PEER_LEFT'])
      expect(last(new PeerAbortedError(1, code, ''))).to.include({ code: 'PEER_ABORTED', rank: 1 });
    expect(aborted.message).to.contain('party 1').and.contain('party 2').and.not.contain('secret');
    expect(last(new PeerLeftError(1, 'disconnected'))).to.include({ code: 'PEER_LEFT', rank: 1 });
    const violation = last(new ProtocolViolationError('secret', 1));
    expect(violation).to.include({ code: 'PROTOCOL_VIOLATION', rank: 1 });
    expect(violation.message).not.to.contain('secret');
    // Who is said to have failed hears whose word that is; party 2 does not name itself twice.
    const lost = new PeerLeftError(0, 'unresponsive');
    expect(last(lost).message).to.contain('it has heard from party 1 that party 0 failed');
    expect(last(lost, 2).message).to.contain('it has heard that party 0 failed');
  });

  it('a malformed message is a violation of its sender', () => {
    for (const text of [
      '',
      'x',
      'null',
      '[]',
      '{}',
      '{"code":1,"message":""}',
      '{"code":"a","message":"b","culprit":"c"}',
      '{"code":"a","message":"b","culprit":0,"leaving":true,"reporter":"c"}',
    ])
      expect(decodeAbort(new TextEncoder().encode(text), 1, 0, nameOf), text).to.include({
        code: 'PROTOCOL_VIOLATION',
        rank: 1,
      });
    expect(decodeAbort(new Uint8Array([0xff, 0xfe]), 1, 0, nameOf)).to.include({
      code: 'PROTOCOL_VIOLATION',
    });
  });

  it('is bounded', () => {
    const { payload } = encodeAbort(new Error('x'.repeat(1_000_000)));
    expect(payload.byteLength).to.be.lessThan(50_000);
  });
});
