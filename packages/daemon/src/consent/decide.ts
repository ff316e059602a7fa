/** The decision on a proposal. Default deny: a peer without a rule may start nothing. */
import type {
  ArgumentsRule,
  ConsentRequest,
  ConsentRules,
  Decision,
  ProgramRule,
  RefusalCode,
  Usage,
} from './types.js';

/**
 * Whether a proposal is allowed. What is asked for is compared with the rule of the peer, then with the owner's own copy,
 * then with what is used already; the first thing that stands against it is the answer. A peer without a rule for a
 * program is told the same whether the owner offers the program or not.
 * @param request what the peer proposes
 * @param rules what the owner allows now
 * @param usage what is used of quotas
 * @returns the decision, with a reason that says who, what and how much
 */
export function decide(request: ConsentRequest, rules: ConsentRules, usage: Usage): Decision {
  const [peer, program] = [printable(request.peer), printable(request.program)];
  const refuse = (code: RefusalCode, reason: string): Decision => ({ allowed: false, code, reason });
  if (rules.draining) return refuse('DRAINING', 'this process is ending and starts no sessions');
  const rule = ruleFor(request, rules.programs ?? []);
  if (rule === undefined)
    return refuse('NOT_ALLOWED', `${peer} has no permission here to start the program ${program}`);
  const expires = rule.expires === undefined ? Infinity : endOf(rule.expires);
  // What is no date is in the past: a rule with a typing error allows nothing.
  if (!(rules.now < expires))
    return refuse('EXPIRED', `the permission of ${peer} for ${program} ended on ${rule.expires}`);
  if (request.role === 'party') {
    const own = rules.offered;
    if (own === undefined)
      return refuse('NOT_OFFERED', `there is no program ${program} in the configuration here`);
    if (own.hash !== request.hash)
      return refuse(
        'HASH_DIFFERS',
        `the copies of ${program} differ: the one here is ${short(own.hash)}, that of ${peer} ${short(request.hash)}`,
      );
  }
  if (rule.hash !== undefined && rule.hash.toLowerCase() !== request.hash)
    return refuse(
      'HASH_NOT_ALLOWED',
      `${program} has changed since it was allowed to ${peer}: ${short(request.hash)}`,
    );
  const allowedHere = request.role === 'dealer' || fits(request.arguments, rules.offered?.arguments ?? 'any');
  if (
    !allowedHere ||
    !fits(request.arguments, rule.arguments ?? (request.role === 'dealer' ? 'any' : 'none'))
  )
    return refuse('ARGUMENTS_NOT_ALLOWED', `${peer} may not give these arguments to ${program}`);
  return withinQuotas(request, rule, rules, usage);
}

function withinQuotas(
  request: ConsentRequest,
  rule: ProgramRule,
  { limits }: ConsentRules,
  usage: Usage,
): Decision {
  const refuse = (code: RefusalCode, reason: string): Decision => ({ allowed: false, code, reason });
  const [peer, program] = [printable(request.peer), printable(request.program)];
  const { sessionsPerDay = Infinity, bytesPerDay = Infinity, sessionsAtOnce = Infinity } = rule.quota ?? {};
  if (!(usage.sessionsToday < sessionsPerDay))
    return refuse('SESSIONS_PER_DAY', `${peer} may start ${program} ${times(sessionsPerDay)} a day (UTC)`);
  if (!(usage.bytesToday < bytesPerDay))
    return refuse('BYTES_PER_DAY', `${program} with ${peer} may move ${bytesPerDay} bytes a day (UTC)`);
  if (!(usage.runningOfProgram < sessionsAtOnce))
    return refuse('SESSIONS_AT_ONCE', `${peer} may have ${sessionsAtOnce} of ${program} at the same time`);
  const { sessionsAtOncePerPeer = Infinity } = limits;
  if (!(usage.runningOfPeer < sessionsAtOncePerPeer))
    return refuse('SESSIONS_AT_ONCE', `${peer} may have ${sessionsAtOncePerPeer} sessions at the same time`);
  if (!(usage.running < limits.sessionsAtOnce))
    return refuse('BUSY', 'as many sessions run here as may at the same time');
  return { allowed: true, rule, bytesLeft: bytesPerDay - usage.bytesToday };
}

/**
 * The rule that a proposal falls under.
 * @param request what the peer proposes
 * @param rules those of the peer
 * @returns the rule of the program's name; for a dealer also that of `*`
 */
export function ruleFor(
  { role, program }: Pick<ConsentRequest, 'role' | 'program'>,
  rules: readonly ProgramRule[],
): ProgramRule | undefined {
  return (
    rules.find(({ name }) => name === program) ??
    (role === 'dealer' ? rules.find(({ name }) => name === '*') : undefined)
  );
}

/**
 * Whether arguments are what a rule allows.
 * @param given arguments of a proposal
 * @param rule of the owner, or of the peer
 * @returns false for anything that the rule does not say
 */
export function fits(given: readonly string[], rule: ArgumentsRule): boolean {
  if (rule === 'any') return true;
  if (rule === 'none') return given.length === 0;
  return given.length === rule.length && rule.every((entry, i) => entry === '*' || entry === given[i]);
}

/** A date lasts until its end. NaN for what is neither a date nor a moment. */
function endOf(expires: string): number {
  if (/^\d{4}-\d{2}-\d{2}$/.test(expires)) return Date.parse(`${expires}T00:00:00Z`) + 86_400_000;
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(expires) ? Date.parse(expires) : Number.NaN;
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);
const short = (hash: string): string => `sha256:${printable(hash).slice(0, 16)}…`;
/** Names come from the peer. */
const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 100);
