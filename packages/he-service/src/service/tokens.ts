/**
 * API tokens and their tenants. Only SHA-256 digests are kept; a token is compared with all of them in constant time.
 * (No slow password hash: tokens are long random strings, so nobody can guess what belongs to a digest.)
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ServiceOptionError } from './errors.js';

/** The tenant of everybody where no tokens are configured. */
const ANONYMOUS = 'anonymous';

const TOKEN_LENGTH_MIN = 16;
const digestOf = (token: string) => createHash('sha256').update(token, 'utf8').digest();

interface Entry {
  readonly digest: Buffer;
  readonly tenant: string;
}

export class TokenTable {
  readonly #entries: readonly Entry[];

  /** Tokens in plain text and, or, their hex SHA-256 digests, each with the name of its tenant. */
  constructor(tokens: Readonly<Record<string, string>> = {}, digests: Readonly<Record<string, string>> = {}) {
    const plain = Object.entries(tokens).map(([token, tenant]) => {
      if (token.length < TOKEN_LENGTH_MIN)
        throw new ServiceOptionError(`a token of ${tenant} has less than ${TOKEN_LENGTH_MIN} characters`);
      return { digest: digestOf(token), tenant };
    });
    const hashed = Object.entries(digests).map(([hex, tenant]) => {
      if (!/^[0-9a-f]{64}$/i.test(hex))
        throw new ServiceOptionError(`a token digest of ${tenant} is not a hex SHA-256`);
      return { digest: Buffer.from(hex, 'hex'), tenant };
    });
    this.#entries = [...plain, ...hashed];
    for (const { tenant } of this.#entries)
      if (tenant === '' || tenant.length > 200)
        throw new ServiceOptionError('a tenant has 1 to 200 characters');
  }

  get required(): boolean {
    return this.#entries.length > 0;
  }

  /** Tenant of the value of an Authorization header; undefined if it names none. */
  tenantOf(authorization: string | undefined): string | undefined {
    if (!this.required) return ANONYMOUS;
    const token = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    const digest = digestOf(token);
    let tenant: string | undefined;
    // No early exit: the time depends on the number of tokens only.
    for (const entry of this.#entries) if (timingSafeEqual(entry.digest, digest)) tenant = entry.tenant;
    return tenant;
  }
}
