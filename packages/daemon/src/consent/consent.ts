/** Consent of an owner: asks the rules, counts what is allowed, and writes down what was asked and answered. */
import type { AuditLog } from '../audit/audit-log.js';
import { type AuditEvent, auditedShard } from '../audit/events.js';
import { decide, ruleFor } from './decide.js';
import type { AdmittedSession, UsageLedger } from './ledger.js';
import type { ConsentRequest, ConsentRules, Decision } from './types.js';

/** What decisions are made from. */
export interface ConsentOptions {
  readonly ledger: UsageLedger;
  readonly audit: AuditLog;
  /** What the owner allows now: read anew for each proposal, so that a rule that was taken back counts at once. */
  rules(request: ConsentRequest): Promise<ConsentRules> | ConsentRules;
}

type AuditedDecision = Extract<AuditEvent, { event: 'decision' }>;

/** The answer to a proposal, and the session that it starts. */
export type Admission =
  | (Extract<Decision, { allowed: true }> & { readonly session: AdmittedSession })
  | Extract<Decision, { allowed: false }>;

/** Decides on proposals. */
export class Consent {
  readonly #options: ConsentOptions;

  /** @param options rules, ledger and log */
  constructor(options: ConsentOptions) {
    this.#options = options;
  }

  /**
   * Decides on a proposal. An allowed session is counted and written down when this returns; call `session.end` when it
   * has ended, also if it never began.
   * @param request what the peer proposes, its fingerprint proved
   * @returns the decision
   * @throws AuditError or UsageError if it cannot be written down: nothing is allowed then
   */
  async admit(request: ConsentRequest): Promise<Admission> {
    const { ledger, audit } = this.#options;
    const about = {
      peer: request.peer,
      fingerprint: request.fingerprint,
      session: request.session,
      program: request.program,
      programHash: request.hash,
      shard: auditedShard(request.shard),
    };
    await audit.append({ event: 'proposal', role: request.role, arguments: request.arguments, ...about });
    const rules = await this.#rulesFor(request, about);
    // Counted by the rule, not by the name that the peer chose: for a dealer, `*` is one rule for all programs.
    const name = ruleFor(request, rules.programs ?? [])?.name ?? '';
    const { decision, session } = await ledger.admit(request.peer, name, (usage) =>
      decide(request, rules, usage),
    );
    try {
      const { allowed, code, reason } = { code: undefined, reason: undefined, ...decision };
      await audit.append({ event: 'decision', allowed, code, reason, ...about });
    } catch (error) {
      await session?.end(0);
      throw error;
    }
    return decision.allowed && session !== undefined
      ? { ...decision, session }
      : (decision as Extract<Decision, { allowed: false }>);
  }

  /** Rules that cannot be read allow nothing, and that is written down. */
  async #rulesFor(
    request: ConsentRequest,
    about: Omit<AuditedDecision, 'event' | 'allowed'>,
  ): Promise<ConsentRules> {
    try {
      return await this.#options.rules(request);
    } catch (error) {
      const { code } = error as { code?: unknown };
      const reason = `the rules here cannot be read (${typeof code === 'string' ? code : 'UNKNOWN'})`;
      await this.#options.audit.append({
        event: 'decision',
        allowed: false,
        code: 'RULES',
        reason,
        ...about,
      });
      throw error;
    }
  }
}
