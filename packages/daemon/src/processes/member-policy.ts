/** What a daemon answers to those who call it: the owner's consent, in the terms of the control protocol. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Channel } from '@tacit/comm/layers';
import type { WebSocketHub } from '@tacit/comm/websocket';
import { writeAtomically } from '@tacit/files';
import { consumeInvite, InviteError, PeerError } from '@tacit/identity';
import { Consent } from '../consent/consent.js';
import type { AdmittedSession } from '../consent/ledger.js';
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
import { DrainingError } from '../session-errors.js';
import { INVITE_EXPORTER } from './join.js';
import { type Membership, membershipIn } from './membership.js';
import type { Organisation } from './organisation.js';
import { RateLimit } from './rate-limit.js';
import { takePartIn } from './take-part.js';

export interface MemberPolicyOptions {
  readonly organisation: Organisation;
  readonly role: 'party' | 'dealer';
  readonly hub: WebSocketHub;
  /** Where the other members can dial this process. */
  readonly address: () => string | null;
  readonly lifecycle: Lifecycle;
  readonly metrics: DaemonMetrics;
}

/** Sessions whose ids are remembered: one that was proposed is not proposed again. */
const REMEMBERED = 10_000;
/** Invites that strangers may try a minute, all together: each costs a comparison with all that are open. */
const REDEMPTIONS = 60;

export class MemberPolicy implements ControlPolicy {
  readonly release: string;
  readonly #options: MemberPolicyOptions;
  readonly #consent: Consent;
  readonly #diagnosis: Diagnosis;
  readonly #proposals: RateLimit;
  readonly #redemptions = new RateLimit(REDEMPTIONS);
  readonly #seen = new Set<string>();
  readonly #running = new Set<Promise<unknown>>();

  /** @param options of the process */
  constructor(options: MemberPolicyOptions) {
    const { home, audit, config, version } = options.organisation;
    this.release = version;
    this.#options = options;
    this.#diagnosis = new Diagnosis({ version });
    this.#proposals = new RateLimit(config.limits.proposalsPerMinute);
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
    try {
      membership = membershipIn(proposal, from, organisation, role);
      if (this.#seen.has(session))
        throw new Refusal('BAD_PROPOSAL', 'a session of this id was proposed before');
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
    const end = this.#options.lifecycle.begin();
    if (end === undefined) {
      await admission.session.end(0);
      throw new Refusal('DRAINING', 'this process is ending and starts no sessions');
    }
    log.info({ ...about, rank: membership.rank }, `accepted a proposal of ${from.name}`);
    return this.#candidate(proposal, membership, admission.session, end);
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
    admitted: AdmittedSession,
    end: () => void,
  ): Candidate {
    const { organisation, hub, lifecycle, metrics, role } = this.#options;
    const { session, program, limits } = proposal;
    const { config, log } = organisation;
    const child = log.child({ session });
    const address = this.#options.address();
    const drained = new AbortController();
    lifecycle.signal.addEventListener('abort', () => drained.abort(new DrainingError(organisation.name)));
    const over = (bytes: number): void => {
      end();
      admitted.end(bytes).catch((error) => this.onError(error, 'usage.json'));
    };
    const offered = role === 'party' ? config.programs.find(({ name }) => name === program.name) : undefined;
    const run: Candidate['run'] = async ({ addresses, token }, onStarted, signal) => {
      let bytes = 0;
      try {
        if (addresses.length !== membership.names.length || addresses[membership.rank] !== address)
          throw new Refusal('BAD_PROPOSAL', 'the addresses are not those that were agreed on');
        const { error, value, traffic } = await takePartIn(organisation, {
          session,
          membership,
          program: { name: program.name, hash: program.hash },
          runs: offered && {
            path: offered.file,
            hash: program.hash,
            arguments: program.arguments,
            files: offered.files,
            tapes: offered.tapes,
          },
          addresses,
          token,
          // The owner's patience is the limit of what a leader may ask for.
          limits: {
            timeoutMs: Math.min(limits.timeoutMs, Math.max(config.session.timeout, 1)),
            resumeMs: limits.resumeMs,
            connectMs: Math.min(limits.connectMs, config.session.wait),
          },
          hub,
          signal: AbortSignal.any([signal, drained.signal]),
          onStarted,
          onOutput: () => {},
          mayGoOn: async (total) => {
            bytes = total;
            return admitted.traffic(total);
          },
          metrics,
          say: (text) => child.info({ op: 'connect' }, text),
        });
        bytes = traffic.bytesSent + traffic.bytesReceived;
        if (error === undefined && offered?.results !== undefined)
          this.#keepResult(offered.results, session, value);
        return error === undefined ? null : codeOf(error);
      } catch (error) {
        this.onError(error, membership.names[0] ?? 'the leader');
        return 'INTERNAL';
      } finally {
        over(bytes);
      }
    };
    return {
      address,
      withdraw: (why) => {
        child.info({ op: 'propose' }, `does not begin: ${why.message}`);
        over(0);
      },
      run: (begin, onStarted, signal) => this.#track(run(begin, onStarted, signal)),
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
  async #refused({ session, program }: Proposal, from: Caller, { code, reason }: Refusal): Promise<void> {
    const { organisation, role } = this.#options;
    const { audit, log } = organisation;
    const about = {
      peer: from.name,
      fingerprint: from.fingerprint,
      session,
      program: program.name,
      programHash: program.hash,
    };
    await audit.append({ event: 'proposal', role, arguments: program.arguments, ...about });
    await audit.append({ event: 'decision', allowed: false, code, reason, ...about });
    log.warn({ op: 'propose', peer: from.name, session, code, reason }, `refused: ${reason}`);
  }

  /** For the owner only. That it cannot be written changes nothing for the others. */
  #keepResult(folder: string, session: string, value: unknown): void {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const bytes = new TextEncoder().encode(`${JSON.stringify(value) ?? 'null'}\n`);
      writeAtomically(join(folder, `${session}.json`), bytes, { mode: 0o600 });
    } catch (error) {
      this.onError(error, 'results');
    }
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

/** What the leader learns of an error. */
function codeOf({ code }: { readonly code?: string }): string {
  return code !== undefined && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : 'PARTY_FAILED';
}
