/** Why a member does not take part: what it tells the leader, and nothing else of what it knows. */
import type { RefusalCode as ConsentRefusal } from '../consent/types.js';

/** Refusals besides those of consent. */
export type OtherRefusal =
  /** Of a stranger, who may redeem an invite and nothing else. */
  | 'UNKNOWN_PEER'
  /** Another member is no peer of this one, or not in this role. */
  | 'UNKNOWN_MEMBER'
  | 'TOO_MANY_PROPOSALS'
  /** It is to run without a dealer, and there are no tapes here for its program. */
  | 'NO_TAPE'
  /** It contradicts itself. */
  | 'BAD_PROPOSAL'
  | 'INVITE_INVALID'
  /** A session with a guest, at a process that has no port for guests. */
  | 'NO_GUESTS'
  /** This process does not do that. */
  | 'UNSUPPORTED'
  /** Something is wrong here, which is not told. */
  | 'INTERNAL';
export type RefusalCode = ConsentRefusal | OtherRefusal;

/** Thrown where a proposal or an invite is considered; travels as `refuse`. */
export class Refusal extends Error {
  readonly attempt: number | undefined;

  constructor(
    readonly code: RefusalCode,
    /** For the other organisation: holds nothing that is private here. */
    readonly reason: string,
    options?: ErrorOptions & {
      /** Of a shard: the latest attempt that is known here. */
      readonly attempt?: number | undefined;
    },
  ) {
    super(reason, options);
    this.attempt = options?.attempt;
  }
}
