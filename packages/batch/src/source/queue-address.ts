/** Where an organisation's queue is. */
import { QueueAddressError } from '../errors.js';

/** An address that was understood. */
export interface QueueAddress {
  readonly kind: 'redis' | 'postgres';
  /** As it was given, with what is secret in it. */
  readonly url: string;
  /** For messages: without user and password. */
  readonly shown: string;
}

const KINDS: Readonly<Record<string, QueueAddress['kind']>> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
};

/**
 * Reads the address of a queue.
 * @param text `redis://…`, `rediss://…`, `postgres://…` or `postgresql://…`
 * @returns what it is, and how to show it
 * @throws QueueAddressError
 */
export function parseQueueAddress(text: string): QueueAddress {
  if (!URL.canParse(text)) throw new QueueAddressError('is no address');
  const url = new URL(text);
  const kind = Object.hasOwn(KINDS, url.protocol) ? KINDS[url.protocol] : undefined;
  if (kind === undefined) throw new QueueAddressError(`begins with ${url.protocol.slice(0, 20)}`);
  if (url.hostname === '') throw new QueueAddressError('has no host');
  return {
    kind,
    url: text,
    shown: `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`,
  };
}
