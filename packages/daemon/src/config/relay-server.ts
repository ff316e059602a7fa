/** Settings of `tacit relay`. */
import * as v from 'valibot';
import { about, flag, host, path, port, whole } from './parts.js';
import { duration, size } from './units.js';

const limits = v.strictObject({
  connections: v.optional(about(whole(1, 1_000_000), 'Open connections'), 4096),
  connectionsPerAddress: v.optional(about(whole(1, 1_000_000), 'Of them, from one address of IP'), 256),
  listenersPerIdentity: v.optional(
    about(whole(1, 1000), 'Processes of one identity that wait for visitors'),
    4,
  ),
  pairs: v.optional(about(whole(1, 1_000_000), 'Connections that are forwarded at once'), 1024),
  pairsPerIdentity: v.optional(about(whole(1, 100_000), 'Of them, of one identity'), 64),
  bytesPerSecond: v.optional(about(size('1KiB', '1TiB'), 'Of one identity')),
  bytesPerDay: v.optional(about(size('1KiB', '1024TiB'), 'Of one identity, days of UTC')),
  window: v.optional(
    about(size('16KiB', '1GiB'), 'What may wait for the slow side of a pair before the fast one is stopped'),
    '1MiB',
  ),
  frame: v.optional(about(size('64KiB', '2GiB'), 'Largest message'), '16MiB'),
  idle: v.optional(about(duration('1s', '7d'), 'How long a pair may be silent'), '10m'),
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
  host: v.optional(about(host, 'The name under which members know the relay; what they sign names it')),
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
      'Who may use the relay: device ids or fingerprints of certificates',
    ),
    [],
  ),
  limits: v.optional(limits, {}),
});
