/** All settings of a party, dealer or relay: `config.yaml`, `TACIT_…` and flags are read by this one schema. */
import * as v from 'valibot';
import { guests } from './guests.js';
import { about, address, argumentsRule, flag, host, name, path, port, whole } from './parts.js';
import { relayServer } from './relay-server.js';
import { duration, size } from './units.js';

const listen = v.strictObject({
  host: v.optional(about(host, 'Where to listen; 0.0.0.0 for all IPv4 addresses'), '127.0.0.1'),
  port: about(port, '0 lets the system choose'),
  plain: v.optional(
    about(
      flag,
      'ws: without TLS of its own, behind a proxy that ends TLS; peers are still encrypted end to end',
    ),
    false,
  ),
});

/** Tapes in place of a dealer online. */
const tapes = v.strictObject({
  folder: about(path, 'Folder of the tapes that tacit deal made for this party'),
  key: about(path, "This party's key of tacit tapes keygen"),
  dealer: about(
    v.pipe(
      v.string('must be a text'),
      v.regex(/^tape-[0-9a-f]{64}$/, 'must be a public key as tacit tapes keygen prints it: tape-…'),
    ),
    'Public key of the dealer; tapes of others are not used',
  ),
  ledger: v.optional(about(path, 'Where used tapes are noted; by default within the folder')),
});

/** A program that the owner of this process offers to those whom a rule of peers.yaml allows it. */
const program = v.strictObject({
  name: about(name, 'What peers call it'),
  file: about(path, 'JavaScript module with a default export (party, args, context) => result'),
  arguments: v.optional(
    about(argumentsRule, 'What arguments anybody may give it; rules of peers can only allow less'),
    'any',
  ),
  files: v.optional(about(v.record(name, path), 'Files that the program gets by key, as context.files'), {}),
  results: v.optional(about(path, 'Folder for what the program returns at this party')),
  tapes: v.optional(about(tapes, 'For sessions without a dealer')),
});

const session = v.strictObject({
  timeout: v.optional(
    about(duration('100ms', '1d'), 'How long to wait for a message of another member'),
    '120s',
  ),
  resume: v.optional(
    about(duration('0s', '1d'), 'How long a broken connection may take to come back'),
    '60s',
  ),
  wait: v.optional(
    about(duration('100ms', '7d'), 'How long to wait for the other members to appear'),
    '300s',
  ),
});

const limits = v.strictObject({
  sessionsAtOnce: v.optional(about(whole(1, 10_000), 'Sessions that run at the same time'), 4),
  sessionsAtOncePerPeer: v.optional(
    about(whole(1, 10_000), 'Of them, by proposals of one peer; by default all'),
  ),
  proposalsPerMinute: v.optional(about(whole(1, 100_000), 'Proposals of one peer'), 30),
  attemptsPerShard: v.optional(
    about(
      whole(1, 10_000),
      'How often a shard of a batch may be computed: each time what it reveals is revealed once more',
    ),
    3,
  ),
  connections: v.optional(about(whole(1, 1_000_000), 'Open connections, of members and strangers'), 256),
  frame: v.optional(about(size('64KiB', '2GiB'), 'Largest message of a member'), '256MiB'),
  sessionMemory: v.optional(
    about(size('64MiB', '1TiB'), 'JavaScript heap of one session; the default is that of Node.js'),
  ),
  sessionTime: v.optional(about(duration('1s', '365d'), 'Longest duration of a session')),
});

const log = v.strictObject({
  level: v.optional(
    v.picklist(
      ['debug', 'info', 'warn', 'error', 'silent'],
      "must be 'debug', 'info', 'warn', 'error' or 'silent'",
    ),
    'info',
  ),
  format: v.optional(
    about(
      v.picklist(['auto', 'json', 'text'], "must be 'auto', 'json' or 'text'"),
      'auto: text on a terminal, JSON lines elsewhere',
    ),
    'auto',
  ),
});

const audit = v.strictObject({
  size: v.optional(
    about(size('4KiB', '1TiB'), 'How large audit.log gets before the next file continues it'),
    '64MiB',
  ),
  arguments: v.optional(
    about(
      v.picklist(['hash', 'text'], "must be 'hash' or 'text'"),
      'hash: arguments of proposals are told apart and not written; text: they are public and written',
    ),
    'hash',
  ),
});

const operate = v.strictObject({
  host: v.optional(about(host, 'Loopback unless told otherwise'), '127.0.0.1'),
  port: about(port, '/livez, /readyz and /metrics; 0 lets the system choose'),
});

/** The schema. Its output has durations in milliseconds and sizes in bytes. */
export const configSchema = v.strictObject({
  name: v.optional(
    about(name, 'What this organisation is called to others; that of the identity by default'),
  ),
  listen: v.optional(about(listen, 'Without it the process only dials out')),
  address: v.optional(
    about(
      address(['wss:', 'ws:'], 'wss://alice.example:7700'),
      'How others reach this process, if not at the port it listens on',
    ),
  ),
  relay: v.optional(
    about(address(['wss:', 'ws:'], 'wss://relay.example'), 'The relay at which this process is reached'),
  ),
  guests: v.optional(
    about(
      guests,
      "Clients of services, of one's own or of peers that lead sessions with them; without it there are none",
    ),
  ),
  proxy: v.optional(
    about(
      v.union(
        [v.literal('none'), address(['https?:'], 'http://proxy.example:3128')],
        "must be 'none' or the address of an HTTP proxy, such as 'http://proxy.example:3128'",
      ),
      'HTTP proxy for all that is dialled; by default HTTPS_PROXY, HTTP_PROXY and NO_PROXY',
    ),
  ),
  programs: v.optional(v.pipe(v.array(program), v.maxLength(1000, 'must be 1000 at most')), []),
  session: v.optional(session, {}),
  limits: v.optional(limits, {}),
  log: v.optional(log, {}),
  audit: v.optional(audit, {}),
  operate: v.optional(about(operate, 'Health and metrics; without it there is no such port')),
  relayServer: v.optional(about(relayServer, 'Settings of `tacit relay`')),
  drain: v.optional(
    about(duration('0s', '1d'), 'How long running sessions may go on after SIGTERM or SIGINT'),
    '30s',
  ),
});

/** Settings as they apply: durations in milliseconds, sizes in bytes, paths absolute. */
export type DaemonConfig = v.InferOutput<typeof configSchema>;
/** The tapes of a program. */
export type ConfiguredTapes = NonNullable<DaemonConfig['programs'][number]['tapes']>;
/** A program that the owner offers. */
export type OfferedProgram = DaemonConfig['programs'][number];
/** Settings as they are written. */
export type ConfigInput = v.InferInput<typeof configSchema>;
