/**
 * The control protocol: what organisations' processes say to each other before and beside a session. Texts of JSON over a
 * channel with a binding, one connection a session; the one that dials leads.
 *
 *   leader   -> control   version                               the first message, read by the hub
 *   member   -> welcome   version, release                      to peers; to strangers the version only
 *   leader   -> propose   session, program, members, …
 *   member   -> accept    where it can be dialed                or refuse, with a code and a reason
 *   leader   -> begin     addresses, token                      once all have accepted; or cancel
 *   member   -> started   all its links are made
 *   member   -> ended     with the code of its error, if it failed
 *
 * Whoever has got an invite sends `redeem` in place of `propose` and hears `paired`; that is all that a stranger may do.
 * `ping` may come at any time and is answered with `pong`. A peer that says `diagnose` in place of `propose` hears `diagnosing`,
 * and the rest of the connection is `tacit doctor`'s (`../doctor/protocol.ts`).
 *
 * If the proposal is an attempt at a shard of a batch, the leader asks its members one after the other, in the order of their
 * device ids, so that two leaders that need each other's members do not wait for each other. `accept` reserves a place then,
 * for a lease; `cancel`, the end of the connection or that of the lease gives it back. `refuse` says which attempt is known.
 *
 * Each message is checked here, whoever sent it, and unknown fields are refused: a difference between two versions is an
 * error and not a guess.
 */
import * as v from 'valibot';

export const CONTROL_VERSION = 1;
/** The longest message in characters. */
export const MAX_MESSAGE = 64 * 1024;

const MAX_MEMBERS = 65;
const MAX_ARGUMENTS = 64;
/** Of a batch. */
export const MOST_SHARDS = 10_000_000;

const hex = (digits: number) =>
  v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${digits}}$`), `must be ${digits} hexadecimal digits`));
const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest, `is longer than ${longest}`));
/** What is shown on terminals and written to logs: no control characters. */
const line = (longest: number) => v.pipe(text(longest), v.regex(/^\P{Cc}*$/u, 'has control characters'));
const whole = (low: number, high: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(low), v.maxValue(high));
const address = v.pipe(
  line(512),
  v.check((value) => URL.canParse(value) && /^wss?:$/.test(new URL(value).protocol), 'is no ws: address'),
);

export const fingerprint = hex(64);
export const sessionId = hex(32);
const code = v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'is no code'));
const milliseconds = whole(1, 2 ** 31 - 1);

/** How guests reach a process, and by which key of Noise they know it. */
const guestDoor = v.strictObject({ key: hex(64), address });
/** A shard of a batch; see `../shards/claim.ts`. */
const shard = v.strictObject({
  batch: hex(32),
  shard: whole(0, MOST_SHARDS - 1),
  of: whole(1, MOST_SHARDS),
  rows: whole(1, 2 ** 31 - 1),
  attempt: whole(1, 1_000_000),
});

const member = v.strictObject({ fingerprint, role: v.picklist(['party', 'dealer']) });

export const SCHEMAS = {
  welcome: v.strictObject({
    type: v.literal('welcome'),
    version: whole(0, 2 ** 31),
    /** Of the software; for peers only. */
    release: v.optional(line(64)),
    /** Where guests of sessions reach it, if they may; for peers only. */
    guests: v.optional(guestDoor),
  }),
  redeem: v.strictObject({
    type: v.literal('redeem'),
    /** HMAC by the secret of the invite over this channel's binding; hexadecimal. */
    proof: hex(64),
    /** What the other side calls itself. */
    name: line(64),
    /** Where it can be dialed. */
    address: v.nullable(address),
  }),
  paired: v.strictObject({ type: v.literal('paired'), name: line(64) }),
  propose: v.strictObject({
    type: v.literal('propose'),
    session: sessionId,
    program: v.strictObject({
      name: v.pipe(line(128), v.nonEmpty('must not be empty')),
      /** SHA-256 of the program as the leader has it. */
      hash: hex(64),
      arguments: v.pipe(v.array(text(4096)), v.maxLength(MAX_ARGUMENTS)),
    }),
    /** By rank; the leader is the first, the dealer the last; without one the parties have tapes. With a guest ranks begin with 1 here. */
    members: v.pipe(v.array(member), v.minLength(2), v.maxLength(MAX_MEMBERS)),
    /**
     * A client of the leader's service, which is of no organisation and known by this key of the session alone. It is the
     * party of rank 0.
     */
    guest: v.optional(v.strictObject({ key: hex(64) })),
    /** Settings of the protocols; checked by the member as those of any launch. */
    config: v.record(line(64), v.unknown()),
    limits: v.strictObject({
      /** How long a message of another member may take. */
      timeoutMs: milliseconds,
      /** How long a broken connection may take to come back. */
      resumeMs: milliseconds,
      /** How long the members may take to connect. */
      connectMs: milliseconds,
    }),
    /** If the session is an attempt at a shard: accepting it reserves a place, for as long as `accept` says. */
    shard: v.optional(shard),
  }),
  accept: v.strictObject({
    type: v.literal('accept'),
    /** Where the other members can dial this one in the session, if they can. */
    address: v.nullable(address),
    /** Of a shard: how long the place is kept, in ms, if the connection holds. */
    lease: v.optional(milliseconds),
  }),
  refuse: v.strictObject({
    type: v.literal('refuse'),
    code,
    reason: line(512),
    /** Of a shard: the latest attempt that this member knows. */
    attempt: v.optional(whole(0, 1_000_000)),
  }),
  begin: v.strictObject({
    type: v.literal('begin'),
    /** By rank. */
    addresses: v.pipe(v.array(v.nullable(address)), v.minLength(2), v.maxLength(MAX_MEMBERS)),
    /** Of the session, 32 random bytes. */
    token: hex(64),
  }),
  cancel: v.strictObject({ type: v.literal('cancel'), reason: line(512) }),
  started: v.strictObject({ type: v.literal('started') }),
  ended: v.strictObject({ type: v.literal('ended'), code: v.nullable(code) }),
  diagnose: v.strictObject({ type: v.literal('diagnose') }),
  diagnosing: v.strictObject({ type: v.literal('diagnosing') }),
  ping: v.strictObject({ type: v.literal('ping'), id: whole(0, Number.MAX_SAFE_INTEGER) }),
  pong: v.strictObject({ type: v.literal('pong'), id: whole(0, Number.MAX_SAFE_INTEGER) }),
} as const;

export type MessageType = keyof typeof SCHEMAS;
export type ControlMessage<T extends MessageType = MessageType> = {
  [K in T]: v.InferOutput<(typeof SCHEMAS)[K]>;
}[T];
export type Proposal = ControlMessage<'propose'>;
export type Begin = ControlMessage<'begin'>;
export type Redeem = ControlMessage<'redeem'>;

/**
 * Reads a message of the other end.
 * @param data as it came
 * @returns the message, or what is wrong with it, without quoting it
 */
export function parseMessage(data: string | ArrayBuffer): ControlMessage | { readonly wrong: string } {
  if (typeof data !== 'string') return { wrong: 'a binary message' };
  if (data.length > MAX_MESSAGE) return { wrong: `a message of ${data.length} characters` };
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return { wrong: 'a message that is not JSON' };
  }
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  if (typeof type !== 'string' || !Object.hasOwn(SCHEMAS, type))
    return { wrong: 'a message of no known type' };
  const schema: v.GenericSchema<unknown, ControlMessage> = SCHEMAS[type as MessageType];
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  return { wrong: `a '${type}' whose ${path ? `'${path.slice(0, 64)}'` : 'form'} is wrong` };
}
