import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { foreignCode, TacitError } from '@tacit/errors';
import { expect } from 'chai';
import fc from 'fast-check';
import { OperatePortError } from '../src/errors.js';
import { createLog } from '../src/operate/log.js';
import { failure, type LogFields } from '../src/operate/log-fields.js';
import { DaemonMetrics } from '../src/operate/metrics.js';
import { type OperateServer, startOperate } from '../src/operate/server.js';
import { rejection } from './helpers/folder.js';

/** A destination that keeps what it gets. */
function sink(isTTY = false): {
  text: () => string;
  lines: () => Record<string, unknown>[];
  write(text: string): void;
  isTTY: boolean;
} {
  let all = '';
  return {
    isTTY,
    text: () => all,
    lines: () =>
      all
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    write: (text) => {
      all += text;
    },
  };
}

describe('operation: log', () => {
  it('writes JSON lines with level, time, name and the fields of its parents', () => {
    const out = sink();
    const log = createLog({ destination: out, name: 'alice' }).child({ session: 's1', rank: 0 });
    log.child({ peer: 'bob' }).info({ op: 'connect', seconds: 1.5 }, 'bob is there');
    log.debug({}, 'not at this level');
    const [line, ...more] = out.lines();
    expect(more).to.deep.equal([]);
    expect(line).to.include({
      level: 'info',
      name: 'alice',
      session: 's1',
      rank: 0,
      peer: 'bob',
      op: 'connect',
      seconds: 1.5,
      msg: 'bob is there',
    });
    expect(line?.time).to.match(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it('levels: silent says nothing, debug all', () => {
    for (const [level, count] of [
      ['debug', 4],
      ['info', 3],
      ['warn', 2],
      ['error', 1],
      ['silent', 0],
    ] as const) {
      const out = sink();
      const log = createLog({ destination: out, level });
      for (const each of ['debug', 'info', 'warn', 'error'] as const) log[each]({}, each);
      expect(out.lines()).to.have.length(count);
    }
  });

  it('writes text on a terminal, on one line, without control characters', () => {
    const out = sink(true);
    createLog({ destination: out }).warn({ peer: 'bob', reason: 'a\u001b[2J\nb' }, 'waiting\r\n for bob');
    expect(out.text()).to.match(
      /^\d\d:\d\d:\d\d warn {2}waiting\?\? for bob {2}peer=bob {2}reason="a\\u001b\[2J\\nb"\n$/,
    );
  });

  it('takes public fields only: by type, and where types are gone', () => {
    const out = sink();
    const log = createLog({ destination: out });
    const seed = randomBytes(32);
    // @ts-expect-error there is no field for a seed
    log.info({ seed }, 'x');
    // @ts-expect-error nor for bytes in another one
    log.info({ bytes: seed }, 'x');
    // @ts-expect-error nor for anything in it
    log.child({ session: { token: seed.toString('hex') } }).info({ op: 'x' }, 'x');
    for (const line of out.lines()) expect(JSON.stringify(line)).to.include('[redacted]');
    expect(out.text()).to.not.include(seed.toString('hex')).and.not.include(String(seed[0]).padEnd(200));
  });

  it('of errors: code and type, the message of ours only', () => {
    const own = failure(new TacitError('ARGUMENT', 'port 7 is taken'));
    expect(own).to.include({ code: 'ARGUMENT', type: 'TacitError', message: 'port 7 is taken' });
    const theirs = failure(Object.assign(new RangeError('the salary is 51234'), { code: 'ERR_X' }));
    expect(theirs).to.include({ code: 'ERR_X', type: 'RangeError' });
    expect(JSON.stringify(theirs)).to.not.include('51234');
    expect(failure('text')).to.deep.equal({ code: 'UNKNOWN', type: 'string' });
    expect(failure(undefined)).to.deep.equal({ code: 'UNKNOWN', type: 'undefined' });
    expect(failure(new TacitError(foreignCode('X'), 'multi\nline')).at).to.match(
      /^operate\.test\.\w+:\d+:\d+$/,
    );
  });

  it('no secret of 32 bytes gets through, whatever it is put into', () => {
    const name = fc.constantFrom<keyof LogFields>(
      'session',
      'peer',
      'op',
      'reason',
      'address',
      'code',
      'outcome',
      'programHash',
      'fingerprint',
      'error',
      'rank',
    );
    const written = fc.constantFrom<BufferEncoding>('hex', 'base64', 'base64url');
    const around = fc.string({ maxLength: 10 }).filter((text) => !/[\w+/=-]/.test(text));
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        written,
        name,
        around,
        (bytes, encoding, field, text) => {
          // Hashes and fingerprints are 32 bytes, too, and public: their fields take them alone, in lower-case hexadecimal.
          fc.pre(!['programHash', 'fingerprint'].includes(field) || encoding !== 'hex' || text !== '');
          const secret = Buffer.from(bytes).toString(encoding).replace(/=+$/, '');
          const out = sink();
          const log = createLog({ destination: out });
          const value = `${text}${secret}${text}`;
          const fields = {
            [field]: field === 'error' ? { code: value, message: value } : value,
          } as LogFields;
          log.child(fields).info(fields, `see ${value}`);
          expect(out.text()).to.not.include(secret);
          expect(out.text()).to.not.include(secret.slice(0, 40));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('public hashes, names and addresses stay', () => {
    const out = sink();
    const hash = createHash('sha256').update('x').digest('hex');
    const fields: LogFields = {
      programHash: hash,
      fingerprint: hash,
      address: 'wss://relay.example:443/to/x',
      session: '0b4e7f9c-4a57-4d5e-8a53-0d3f2ab0a1c2',
      count: 0,
      seconds: Number.POSITIVE_INFINITY,
    };
    createLog({ destination: out }).info(fields, 'm');
    expect(out.lines()[0]).to.include({
      programHash: hash,
      fingerprint: hash,
      address: fields.address,
      session: fields.session,
      count: 0,
    });
  });

  it('long paths stay, too', () => {
    const out = sink();
    const path = '/var/lib/tacit/organisations/hospital/studies/programs/score';
    createLog({ destination: out }).info({ reason: path }, `cannot read ${path}`);
    expect(out.lines()[0]).to.include({ reason: path, msg: `cannot read ${path}` });
  });

  it('PEM is gone, and long texts are cut', () => {
    const out = sink();
    const pem = `-----BEGIN PRIVATE KEY-----\n${randomBytes(90).toString('base64')}\n-----END PRIVATE KEY-----`;
    createLog({ destination: out }).error({ reason: `x ${pem}` }, `${pem} y`);
    createLog({ destination: out }).error({ reason: 'long '.repeat(1e5) }, 'z');
    expect(out.text()).to.not.include(pem.slice(30, 60));
    expect(out.text().length).to.be.lessThan(3000);
  });
});

describe('operation: metrics', () => {
  it('are in a registry of their own, with units, and all series from the beginning', async () => {
    const [one, other] = [new DaemonMetrics(), new DaemonMetrics()];
    one.sessionEnded('completed', 2);
    expect(await one.text()).to.match(/tacit_sessions_total\{outcome="completed"\} 1/);
    expect(await other.text()).to.match(/tacit_sessions_total\{outcome="completed"\} 0/);
    for (const [, name] of (await one.text()).matchAll(/^# TYPE (\S+)/gm))
      expect(name).to.match(/^tacit_[a-z_]+$/);
  });

  it('labels are from closed lists, whatever is given', async () => {
    const metrics = new DaemonMetrics({
      daemon: () => ({ sessionsRunning: 3, sessionsMost: 4, connections: 9 }),
      ready: () => true,
    });
    metrics.sessionEnded('<script>' as 'failed', -1);
    metrics.proposal('bob"}' as 'BUSY');
    metrics.proposal('BUSY');
    metrics.proposal();
    metrics.handshake('peer said' as 'other');
    metrics.handshake();
    metrics.reconnected();
    metrics.traffic(10, -5);
    const text = await metrics.text();
    expect(text).to.not.match(/script|bob|peer said/);
    expect(text).to.match(/tacit_sessions_total\{outcome="failed"\} 1/);
    expect(text).to.match(/tacit_proposals_total\{decision="refused"\} 2/);
    expect(text).to.match(/tacit_refusals_total\{code="BUSY"\} 1/);
    expect(text).to.match(/tacit_handshakes_failed_total\{reason="other"\} 1/);
    expect(text).to.match(/tacit_bytes_total\{direction="sent"\} 10/);
    expect(text).to.match(/tacit_bytes_total\{direction="received"\} 0/);
    expect(text)
      .to.match(/tacit_sessions_running 3/)
      .and.match(/tacit_sessions_most 4/)
      .and.match(/tacit_connections 9/)
      .and.match(/tacit_ready 1/);
  });

  it('of a relay', async () => {
    let pairsTotal = 3;
    const relay = () => ({
      listeners: 1,
      waiting: 0,
      pairs: 2,
      pairsTotal,
      messages: 5,
      bytes: 6,
      refusals: { absent: 2, 'too many': 1 },
    });
    const metrics = new DaemonMetrics({ relay });
    await metrics.text();
    pairsTotal = 4;
    const text = await metrics.text();
    for (const line of [
      'relay_pairs 2',
      'relay_pairs_total 4',
      'relay_bytes_total 6',
      'relay_refusals_total 3',
    ])
      expect(text).to.include(`\ntacit_${line}\n`);
    expect(text).to.not.include('absent');
  });
});

describe('operation: port', () => {
  let server: OperateServer | undefined;
  let ready = false;
  const start = async (more = {}) => {
    server = await startOperate({ port: 0, ready: () => ready, metrics: new DaemonMetrics(), ...more });
    return `http://127.0.0.1:${server.port}`;
  };
  afterEach(async () => {
    await server?.close();
    server = undefined;
    ready = false;
  });

  it('tells whether the process lives, whether it is ready, and its metrics', async () => {
    const base = await start();
    expect(server?.host).to.equal('127.0.0.1');
    const get = async (path: string, init?: RequestInit) => {
      const response = await fetch(base + path, init);
      return [response.status, await response.text()] as const;
    };
    expect(await get('/livez')).to.deep.equal([200, 'alive\n']);
    expect(await get('/readyz')).to.deep.equal([503, 'not ready\n']);
    ready = true;
    expect(await get('/readyz?verbose')).to.deep.equal([200, 'ready\n']);
    const [status, text] = await get('/metrics');
    expect(status).to.equal(200);
    expect(text).to.match(/^# HELP tacit_/);
    expect(await get('/livez', { method: 'HEAD' })).to.deep.equal([200, '']);
    expect((await get('/livez', { method: 'POST', body: 'x'.repeat(1e5) }))[0]).to.equal(405);
    for (const path of ['/', '/Livez', '/livez/', '/..%2flivez', '/audit', '/config'])
      expect((await get(path))[0], path).to.equal(404);
    expect((await fetch(`${base}/metrics`)).headers.get('content-type')).to.match(/^text\/plain/);
  });

  it('without metrics there are none', async () => {
    const base = await start({ metrics: undefined });
    expect((await fetch(`${base}/metrics`)).status).to.equal(404);
  });

  it('a port that is taken is an error that names it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => other.once('listening', done));
    const { port } = other.address() as { port: number };
    const error = await rejection(start({ port }));
    expect(error).to.be.instanceOf(OperatePortError).with.property('code', 'OPERATE_PORT');
    expect(error.message).to.match(new RegExp(`127\\.0\\.0\\.1:${port}: EADDRINUSE`));
    await new Promise((done) => other.close(done));
  });

  it('closes at once, with connections that are open', async () => {
    const base = await start();
    const response = await fetch(`${base}/livez`, { headers: { connection: 'keep-alive' } });
    await response.text();
    await server?.close();
    expect((await rejection(fetch(`${base}/livez`))).message).to.match(/fetch failed/);
  });
});
