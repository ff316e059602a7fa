/** What schedules consist of, to see that none is missing. */
import { fabrics } from './fabric.js';
import { LINK_FAULTS, type MemberFault, type Schedule } from './schedule.js';

const MEMBER_FAULTS = [
  'none',
  'killed',
  'killed and started again',
  'severed',
  'severed in silence',
  'absent',
  'wrong key or certificate',
  'duplicate',
  'impostor',
  'killed relay',
  'killed relay, started again',
];

/** Everything that a schedule may have. */
export const ALL_KINDS: readonly string[] = [
  ...fabrics.map(({ name }) => `over ${name}`),
  ...LINK_FAULTS,
  ...MEMBER_FAULTS.map((kind) => `member: ${kind}`),
  'delay and jitter',
  'slow network',
  'resumable links',
  'links that are not resumable',
  'a member that cannot listen',
];

function memberKind(member: MemberFault): string {
  if (member.kind === 'killed') return member.restarted ? 'killed and started again' : 'killed';
  if (member.kind === 'killed relay')
    return member.restarted ? 'killed relay, started again' : 'killed relay';
  if (member.kind === 'severed') return member.silent ? 'severed in silence' : 'severed';
  return member.kind === 'wrong key' ? 'wrong key or certificate' : member.kind;
}

/** What one has of that. */
function kindsOf({ fabric, faults, member, weather, resumable, deaf }: Schedule): string[] {
  return [
    `over ${fabric.name}`,
    ...new Set(faults.map(({ kind }) => kind)),
    `member: ${memberKind(member)}`,
    ...('delayMs' in weather ? ['delay and jitter'] : []),
    ...('bytesPerSecond' in weather ? ['slow network'] : []),
    resumable ? 'resumable links' : 'links that are not resumable',
    ...(deaf === undefined ? [] : ['a member that cannot listen']),
  ];
}

/**
 * Counts.
 * @param schedules all that are run
 * @returns how many have each of `ALL_KINDS`
 */
export function tally(schedules: readonly Schedule[]): Map<string, number> {
  const counts = new Map(ALL_KINDS.map((kind) => [kind, 0]));
  for (const kind of schedules.flatMap(kindsOf)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
