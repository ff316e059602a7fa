/** What is written to the audit log. Never values; of arguments their hash, unless the owner says that they are public. */
import { createHash } from 'node:crypto';

/** Who somebody is: a local name, if there is one, and the fingerprint that a channel proved. */
export interface AuditedPeer {
  readonly peer?: string | undefined;
  readonly fingerprint: string;
}

/** What a session is about. */
export interface AuditedSession {
  readonly session: string;
  readonly program: string;
  readonly programHash: string;
  /** If the session is an attempt at a shard of a batch. */
  readonly shard?: AuditedShard | undefined;
}

/** Which shard of which batch, and the how manieth attempt at it. */
export interface AuditedShard {
  readonly batch: string;
  readonly shard: number;
  readonly attempt: number;
}

/**
 * As much of a shard as is written down.
 * @param shard of a proposal
 * @returns undefined for a session of no batch
 */
export const auditedShard = (shard: AuditedShard | undefined): AuditedShard | undefined =>
  shard && { batch: shard.batch, shard: shard.shard, attempt: shard.attempt };

/** How a session ended. */
export type AuditedOutcome = 'completed' | 'failed' | 'aborted' | 'quota';

/** Everything that is written down. */
export type AuditEvent =
  | {
      readonly event: 'started';
      readonly process: 'party' | 'dealer' | 'relay' | 'run' | 'serve' | 'batch';
      readonly fingerprint: string;
      readonly name: string;
      readonly version: string;
    }
  | {
      readonly event: 'stopped';
      readonly process: 'party' | 'dealer' | 'relay' | 'run' | 'serve' | 'batch';
      readonly reason: string;
    }
  | {
      readonly event: 'identity';
      readonly action: 'created' | 'renewed' | 'used';
      readonly name: string;
      readonly fingerprint: string;
    }
  | ({ readonly event: 'peer-added' | 'peer-changed' | 'peer-removed' } & AuditedPeer)
  | {
      readonly event: 'guest-admitted';
      /** Of the invite that the client has, and what its owner calls it. */
      readonly invite: string;
      readonly label: string;
      readonly model: string;
      readonly session: string;
    }
  | {
      readonly event: 'guest-refused';
      readonly invite: string;
      readonly label: string;
      readonly model: string;
      readonly code: string;
    }
  | ({ readonly event: 'invite-redeemed' } & AuditedPeer)
  | { readonly event: 'invite-refused'; readonly fingerprint: string; readonly code: string }
  | ({
      readonly event: 'proposal';
      readonly role: 'party' | 'dealer';
      /** Replaced by `argumentsHash` unless arguments are public. */
      readonly arguments: readonly string[];
    } & AuditedPeer &
      AuditedSession)
  | ({
      readonly event: 'decision';
      readonly allowed: boolean;
      readonly code?: string | undefined;
      readonly reason?: string | undefined;
    } & AuditedPeer &
      AuditedSession)
  | ({
      readonly event: 'session-start';
      readonly rank: number;
      readonly members: readonly AuditedPeer[];
    } & AuditedSession)
  | ({
      readonly event: 'session-end';
      readonly outcome: AuditedOutcome;
      /** Of the error, if there was one. */
      readonly code?: string | undefined;
      readonly members: readonly AuditedPeer[];
      readonly bytesSent: number;
      readonly bytesReceived: number;
      readonly seconds: number;
      /** Id of the tape that was used, where no dealer took part. */
      readonly tape?: string | undefined;
    } & AuditedSession);

/** What the log itself writes: its first line, the first line of a file that continues another, a torn line before it. */
export type LogEvent =
  | { readonly event: 'opened' }
  | { readonly event: 'continued'; readonly after: string }
  | { readonly event: 'recovered'; readonly tornBytes: number; readonly whole: string };

/** Longest text of an event; what peers sent is cut there. */
const LONGEST = 500;

/**
 * An event as it is written.
 * @param event as it happened
 * @param publicArguments whether the owner says that arguments are public
 * @returns the fields of a line
 */
export function fieldsOf(event: AuditEvent, publicArguments: boolean): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...event };
  if (event.event === 'proposal' && !publicArguments) {
    delete fields.arguments;
    fields.argumentsHash = argumentsHash(event.arguments);
  }
  return cut(fields) as Record<string, unknown>;
}

/**
 * By which equal arguments are recognised. Short ones can be guessed from it.
 * @param args of a program
 * @returns SHA-256 of them as JSON, 64 hexadecimal digits
 */
export const argumentsHash = (args: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(args)).digest('hex');

function cut(value: unknown): unknown {
  if (typeof value === 'string') return value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
  if (Array.isArray(value)) return value.slice(0, 100).map(cut);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cut(inner)]));
  return value;
}
