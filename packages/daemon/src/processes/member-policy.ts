/** What a daemon answers to those who call it: the owner's consent, in the terms of the control protocol. */
import { join } from 'node:path';
import type { Channel } from '@tacit/comm/layers';
import type { WebSocketHub } from '@tacit/comm/websocket';
import { consumeInvite, InviteError, PeerError } from '@tacit/identity';
import { auditedShard } from '../audit/events.js';
import { Consent } from '../consent/consent.js';
import { UsageLedger } from '../consent/ledger.js';
import { hashProgram } from '../consent/program-hash.js';
import type { ConsentRequest, ConsentRules } from '../consent/types.js';
import type { Binding } from '../control/bound-channel.js';
import type { Caller, Candidate, ControlPolicy } from '../control/member.js';
import type { Proposal, Redeem } from '../control/messages.js';
import { Refusal } from '../control/refusal.js';
import { Diagnosis } from '../doctor/answer.js';
import type { Lifecycle } from '../operate/lifecycle.js';
import { failure } from '../operate/log-fields.js';
import type { DaemonMetrics } from '../operate/metrics.js';
import type { WarmThreads } from '../sessions/warm-threads.js';
import { ShardFence } from '../shards/fence-files.js';
import { type AcceptedProposal, candidateOf } from './candidate.js';
import type { GuestDoor } from './guest-door.js';
import { INVITE_EXPORTER } from './join.js';
import { type Membership, membershipIn } from './membership.js';
import type { Organisation } from './organisation.js';
import { RateLimit } from './rate-limit.js';
import { type Attempt, attemptOf, ShardSessions } from './shard-sessions.js';

export interface MemberPolicyOptions {
  readonly organisation: Organisation;
  readonly role: 'party' | 'dealer';
  readonly hub: WebSocketHub;
  /** The port for guests, if there is one. */
  readonly guests: GuestDoor | undefined;
  /** Where the other members can dial this process. */
  readonly address: () => string | null;
  readonly lifecycle: Lifecycle;
  readonly metrics: DaemonMetrics;
  /** Threads that are ready, if there are some. */
  readonly threads?: WarmThreads | undefined;
}

/** Sessions whose ids are remembered: one that was proposed is not proposed again. */
const REMEMBERED = 10_000;
/** Invites that strangers may try a minute, all together: each costs a comparison with all that are open. */
const REDEMPTIONS = 60;

export class MemberPolicy implements ControlPolicy {
  readonly release: string;
  readonly guests: ControlPolicy['guests'];
  readonly #options: MemberPolicyOptions;
  readonly #consent: Consent;
  readonly #diagnosis: Diagnosis;
  readonly #proposals: RateLimit;
  readonly #redemptions = new RateLimit(REDEMPTIONS);
  readonly #shards: ShardSessions;
  readonly #seen = new Set<string>();
  readonly #running = new Set<Promise<unknown>>();

  /** @param options of the process */
  constructor(options: MemberPolicyOptions) {
    const { home, audit, config, version } = options.organisation;
    this.release = version;
    this.guests = options.guests?.door;
    this.#options = options;
    this.#diagnosis = new Diagnosis({ version });
    this.#proposals = new RateLimit(config.limits.proposalsPerMinute);
    const fence = new ShardFence({ folder: join(home, 'shards'), most: config.limits.attemptsPerShard });
    fence.tidy(Date.now());
    this.#shards = new ShardSessions(fence);
    this.#consent = new Consent({
      ledger: new UsageLedger({ path: join(home, 'usage.json') }),
      audit,
      rules: (request) => this.#rules(request),
    });
  }

  /** Settles when no session runs any more: after a drain, those that were told to end have told the others. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  nameOf(fingerprint: string): string | undefined {
    return this.#options.organisation.peers.byFingerprint(fingerprint)?.name;
  }

  diagnose(channel: Channel, { name, fingerprint }: Caller): Promise<void> {
    this.#options.organisation.log.info(
      { op: 'diagnose', peer: name, fingerprint },
      `${name} runs tacit doctor`,
    );
    return this.#diagnosis.serve(channel, fingerprint);
  }

  async redeem({ proof, address }: Redeem, binding: Binding): Promise<string> {
    const { home, audit, log, name, identity } = this.#options.organisation;
    const joiner = binding.peerFingerprint;
    if (!this.#redemptions.allows('all'))
      throw new Refusal('TOO_MANY_PROPOSALS', 'too many try to join; later');
    try {
      const peer = consumeInvite(home, {
        proof: Buffer.from(proof, 'hex'),
        exported: binding.exportKey(INVITE_EXPORTER, 32),
        joiner,
        inviter: identity.fingerprint,
        ...(address !== null && { address }),
      });
      await audit.append({ event: 'invite-redeemed', peer: peer.name, fingerprint: joiner });
      await audit.append({ event: 'peer-added', peer: peer.name, fingerprint: joiner });
      log.info({ op: 'redeem', peer: peer.name, fingerprint: joiner }, `${peer.name} has used its invite`);
      return name;
    } catch (error) {
      if (!(error instanceof InviteError || error instanceof PeerError)) throw error;
      await audit.append({ event: 'invite-refused', fingerprint: joiner, code: error.code });
      log.warn({ op: 'redeem', fingerprint: joiner, code: error.code }, 'an invite was refused');
      throw new Refusal('INVITE_INVALID', INVITE_REASONS[error.code] ?? 'the invite cannot be used', {
        cause: error,
      });
    }
  }

  async consider(proposal: Proposal, from: Caller): Promise<Candidate> {
    const { organisation, role, metrics } = this.#options;
    const { log } = organisation;
    const { session, program } = proposal;
    const about = { op: 'propose', peer: from.name, session, program: program.name };
    if (!this.#proposals.allows(from.fingerprint)) {
      log.warn(about, 'too many proposals');
      throw new Refusal('TOO_MANY_PROPOSALS', 'too many proposals; wait a minute');
    }
    let membership: Membership;
    let attempt: Attempt | undefined;
    try {
      membership = membershipIn(proposal, from, organisation, role);
      if (membership.guest && this.#options.guests === undefined)
        throw new Refusal(
          'NO_GUESTS',
          "this process takes no guests: 'guests' in its config.yaml is not set",
        );
      if (this.#seen.has(session))
        throw new Refusal('BAD_PROPOSAL', 'a session of this id was proposed before');
      attempt = attemptOf(proposal, from.fingerprint);
      if (attempt !== undefined) await this.#shards.makeWay(attempt);
    } catch (error) {
      if (error instanceof Refusal) await this.#refused(proposal, from, error);
      throw error;
    }
    this.#remember(session);
    const admission = await this.#consent.admit({
      peer: from.name,
      fingerprint: from.fingerprint,
      session,
      role,
      program: program.name,
      hash: program.hash,
      arguments: program.arguments,
      shard: attempt?.claim,
    });
    metrics.proposal(admission.allowed ? undefined : admission.code);
    if (!admission.allowed) {
      const { code, reason } = admission;
      log.warn({ ...about, code, reason }, `refused: ${reason}`);
      throw new Refusal(code, reason);
    }
    const tapes = organisation.config.programs.find(({ name }) => name === program.name)?.tapes;
    if (!membership.dealer && tapes === undefined) {
      await admission.session.end(0);
      throw new Refusal(
        'NO_TAPE',
        `there are no tapes here for ${program.name}, and no dealer is among the members`,
      );
    }
    if (attempt !== undefined)
      await this.#shards.claim(attempt).catch(async (error) => {
        await admission.session.withdraw();
        if (error instanceof Refusal) await this.#refused(proposal, from, error);
        throw error;
      });
    const end = this.#options.lifecycle.begin();
    if (end === undefined) {
      await admission.session.withdraw();
      throw new Refusal('DRAINING', 'this process is ending and starts no sessions');
    }
    log.info({ ...about, rank: membership.rank }, `accepted a proposal of ${from.name}`);
    return this.#candidate(proposal, membership, { admitted: admission.session, attempt, end });
  }

  onError(error: unknown, from: string): void {
    this.#options.organisation.log.error(
      { op: 'control', peer: from, error: failure(error) },
      'an error of this process',
    );
  }

  #candidate(
    proposal: Proposal,
    membership: Membership,
    { admitted, attempt, end }: Pick<AcceptedProposal, 'admitted' | 'attempt' | 'end'>,
  ): Candidate {
    const { organisation, role, address } = this.#options;
    const { programs } = organisation.config;
    const candidate = candidateOf({
      ...this.#options,
      proposal,
      membership,
      admitted,
      attempt,
      end,
      shards: this.#shards,
      offered: role === 'party' ? programs.find(({ name }) => name === proposal.program.name) : undefined,
      address: address(),
      onError: (error, from) => this.onError(error, from),
    });
    return {
      ...candidate,
      run: (begin, onStarted, signal) => this.#track(candidate.run(begin, onStarted, signal)),
    };
  }

  #track<T>(session: Promise<T>): Promise<T> {
    this.#running.add(session);
    return session.finally(() => this.#running.delete(session));
  }

  async #rules({ fingerprint, program }: ConsentRequest): Promise<ConsentRules> {
    const { organisation, lifecycle, role } = this.#options;
    const { peers, config } = organisation;
    const own = role === 'party' ? config.programs.find(({ name }) => name === program) : undefined;
    return {
      programs: peers.byFingerprint(fingerprint)?.programs,
      offered: own && { hash: (await hashProgram(own.file)).hash, arguments: own.arguments },
      limits: config.limits,
      draining: lifecycle.state !== 'ready',
      now: Date.now(),
    };
  }

  /** What is refused before the owner's rules are asked is written down like the rest. */
  async #refused(
    { session, program, shard }: Proposal,
    from: Caller,
    { code, reason }: Refusal,
  ): Promise<void> {
    const { organisation, role, metrics } = this.#options;
    metrics.refused(code);
    const { audit, log } = organisation;
    const about = {
      peer: from.name,
      fingerprint: from.fingerprint,
      session,
      program: program.name,
      programHash: program.hash,
      shard: auditedShard(shard),
    };
    await audit.append({ event: 'proposal', role, arguments: program.arguments, ...about });
    await audit.append({ event: 'decision', allowed: false, code, reason, ...about });
    log.warn({ op: 'propose', peer: from.name, session, code, reason }, `refused: ${reason}`);
  }

  #remember(session: string): void {
    this.#seen.add(session);
    const [oldest] = this.#seen;
    if (this.#seen.size > REMEMBERED && oldest !== undefined) this.#seen.delete(oldest);
  }
}

/** What whoever joins is told; nothing of names here. */
const INVITE_REASONS: Readonly<Record<string, string>> = {
  INVITE_UNKNOWN: 'no invite fits: it was taken back, has long expired, or is of another organisation',
  INVITE_EXPIRED: 'the invite has expired; ask for a new one',
  INVITE_USED: 'the invite was used already; ask for a new one',
  PEER_EXISTS: 'the name that it is for belongs to another peer there; ask for a new one',
};
