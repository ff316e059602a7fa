/** Settings of `tacit relay`. */
import * as v from 'valibot';
import { about, flag, host, path, port, whole } from './parts.js';
import { duration, size } from './units.js';

const limits = v.strictObject({
  listeners: v.optional(about(whole(1, 1_000_000), 'Processes that wait for visitors'), 1000),
  pairs: v.optional(
    about(whole(1, 1_000_000), 'Connections that are forwarded at once; each may take some MiB'),
    1000,
  ),
  pairsPerIdentity: v.optional(about(whole(1, 100_000), 'Of them, of one identity'), 64),
  waitingPerIdentity: v.optional(
    about(whole(1, 100_000), 'Visitors that wait to be let in: of one identity, or at one'),
    32,
  ),
  bytesPerSecond: v.optional(about(size('1KiB', '1TiB'), 'Of one identity, which is slowed down to it')),
  bytesPerDay: v.optional(about(size('1KiB', '1024TiB'), 'Of one identity, days of UTC')),
  accept: v.optional(about(duration('100ms', '10m'), 'How long a visitor may wait to be let in'), '10s'),
  idle: v.optional(
    about(
      duration('1s', '7d'),
      'How long a pair may be silent; no limit by default, heartbeats find dead ends',
    ),
  ),
  frame: v.optional(about(size('64KiB', '2GiB'), 'Largest message that is forwarded'), '1MiB'),
  window: v.optional(
    about(size('16KiB', '1GiB'), 'What may wait for the slow side of a pair before the fast one is stopped'),
    '1MiB',
  ),
});

/** The settings under `relayServer`. */
export const relayServer = v.strictObject({
  listen: v.optional(
    v.strictObject({
      host: v.optional(about(host, 'Where to listen'), '0.0.0.0'),
      port: v.optional(about(port, '0 lets the system choose'), 443),
      plain: v.optional(about(flag, 'ws: without TLS, behind a proxy that ends it'), false),
    }),
    {},
  ),
  names: v.optional(
    about(
      v.pipe(v.array(host), v.maxLength(100)),
      'Host names under which members dial the relay: what they sign names it; by default those of its certificate',
    ),
    [],
  ),
  tls: v.optional(
    v.strictObject({
      key: about(path, 'PEM file'),
      certificate: about(path, 'PEM file, with the chain'),
    }),
  ),
  allow: v.optional(
    about(
      v.union(
        [
          v.literal('anyone'),
          v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(200))), v.maxLength(100_000)),
        ],
        "must be 'anyone' or a list of device ids",
      ),
      'Who may use the relay: device ids or fingerprints of certificates; nobody by default',
    ),
    [],
  ),
  limits: v.optional(limits, {}),
});
