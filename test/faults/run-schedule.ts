/** Runs a schedule of faults and judges how every member ended. */
import type { Direction, FaultProxy } from '@tacit/compliance';
import type { Ring } from '@tacit/ring';
import type { Failure } from '@tacit/testing';
import { type Ended, Group } from './group.js';
import { compute, computePlain } from './program.js';
import { expected, isLethal, type LinkFault, type MemberFault, type Schedule } from './schedule.js';

/** Products of numbers below 4 with 16 fraction bits, five in a row. */
const TOLERANCE = 2 ** -10;
const REFUSED_MS = 150;
const SLOW_MS = 250;

const rings: Ring[] = [];

/**
 * Runs a schedule.
 * @param schedule what happens
 * @param seed for what is random in the networks
 * @returns what is wrong with how it ended, in words; nothing if all is well
 */
export async function runSchedule(schedule: Schedule, seed: number): Promise<string[]> {
  const { parties, steps, elements, member } = schedule;
  // Members that fail may leave work behind in their memory.
  const own = rings.splice(0);
  const short = isLethal(member) || expected(schedule) !== 'right';
  const group = await Group.open(schedule, short, own, generator(seed));
  const trouble: string[] = [];
  try {
    for (const fault of schedule.faults) arrange(fault, group.network(fault.pair));
    for (const network of group.networks) network.weather(schedule.weather);
    const others: Promise<unknown>[] = [];
    const dead = new Set<number>();
    const atStep = (rank: number) => (step: number) => {
      const strike = striker(member, step, rank, parties);
      if (strike)
        others.push(
          strike(group, dead, trouble, (party) => compute(party, steps, elements, () => {})).catch((error) =>
            trouble.push(`a fault could not be made: ${error.stack}`),
          ),
        );
      if (dead.has(rank)) throw new Error('killed');
    };
    const soFar: Ended[] = [];
    const members = Array.from({ length: group.size }, async (_, rank): Promise<Ended> => {
      if (member.kind === 'absent' && member.rank === rank) return { error: new Error('absent') };
      const link = member.kind === 'wrong key' && member.rank === rank ? group.impostorLink(rank) : undefined;
      const end = await group.run(rank, (party) => compute(party, steps, elements, atStep(rank)), link);
      soFar[rank] = end;
      return end;
    });
    const ended = await withinLimit(group.limitMs, Promise.all(members));
    if (ended === undefined)
      return [
        `members have not ended after ${group.limitMs} ms`,
        ...group.names.map(
          (name, rank) => `${name}: ${soFar[rank] ? textOf(soFar[rank]) : group.stateOf(rank)}`,
        ),
      ];
    if ((await withinLimit(group.limitMs, Promise.all(others))) === undefined)
      trouble.push('an intruder has not ended');
    ended.forEach((ending, rank) => {
      if (!isFalse(member, rank)) trouble.push(...judge(schedule, group.names, rank, ending));
    });
    if (trouble.length > 0)
      trouble.push(...ended.map((ending, rank) => `${group.names[rank]}: ${textOf(ending)}`));
    if (ended.every(({ error }) => error === undefined)) rings.push(...own);
    return trouble;
  } finally {
    await group.close();
  }
}

const textOf = ({ error }: Ended): string =>
  error ? `${error.code ?? error.name}: ${error.message}` : 'ended well';

/** Whether it is a member whose own end nobody looks at. */
const isFalse = (member: MemberFault, rank: number): boolean =>
  ['killed', 'absent', 'wrong key'].includes(member.kind) && 'rank' in member && member.rank === rank;

function judge(
  schedule: Schedule,
  names: readonly string[],
  rank: number,
  { value, error }: Ended,
): string[] {
  const who = names[rank];
  const wanted = expected(schedule);
  if (error !== undefined) {
    const text = `${who} ended with an error`;
    if (wanted === 'right') return [text];
    if (typeof error.code !== 'string') return [`${text}\n${error.stack}`];
    const culprits = culpritsFor(schedule, rank);
    // While a group forms, members have ranks and no names.
    const named = culprits.some((culprit) =>
      [names[culprit], `rank ${culprit}`].some((name) => error.message.includes(name)),
    );
    return named ? [] : [`${text}, which names none of ${culprits.map((culprit) => names[culprit])}`];
  }
  if (wanted === 'named') return [`${who} ended with a result`];
  if (rank === schedule.parties) return [];
  const right = computePlain(schedule.steps, schedule.elements);
  const wrong = right.findIndex((x, i) => !(Math.abs(x - (value?.[i] ?? Number.NaN)) < TOLERANCE));
  if (wrong < 0 && value?.length === right.length) return [];
  return [`${who} has a wrong result: element ${wrong} is ${value?.[wrong]} and not ${right[wrong]}`];
}

/** Whom a member may name: who is lost, or the other end of a link that is. */
function culpritsFor({ parties, member, faults }: Schedule, rank: number): number[] {
  const others = Array.from({ length: parties + 1 }, (_, other) => other).filter((other) => other !== rank);
  // Behind the relay everybody is lost.
  if (member.kind === 'killed relay') return others;
  const pairs = faults.map(({ pair }) => pair);
  if (member.kind === 'severed') pairs.push(member.pair);
  const ends = pairs.flatMap((pair) => {
    const far = pair.filter((end) => end !== rank);
    // Whose own way to the relay fails may lose any of those that it reaches, or that reach it, by it.
    return far.length === 0 ? others : far;
  });
  return 'rank' in member ? [...ends, member.rank] : ends;
}

const cutOff = (network: FaultProxy): void => {
  network.refuse();
  network.cut('reset');
};

const ACTS: Readonly<Record<LinkFault['kind'], (network: FaultProxy, direction: Direction) => void>> = {
  reset: (network) => network.cut('reset'),
  close: (network) => network.cut('close'),
  'half-open': (network, direction) => network.swallow([direction]),
  truncation: (network, direction) => network.truncate(direction),
  corruption: (network, direction) => network.corrupt(direction),
  repetition: (network, direction) => network.repeat(direction),
  'replayed connection': (network) => network.replayConnection(),
  refusal: (network) => {
    cutOff(network);
    setTimeout(() => network.heal(), REFUSED_MS);
  },
  'slow reader': (network) => {
    network.weather({ bytesPerSecond: 20_000 });
    setTimeout(() => network.weather({}), SLOW_MS);
  },
};

/** Sets a fault of a link to come when its bytes have passed. */
function arrange({ kind, at, direction }: LinkFault, network: FaultProxy): void {
  const directions: readonly Direction[] = direction === 'both' ? ['out', 'in'] : [direction];
  network.atBytes(at, () => {
    for (const one of directions) ACTS[kind](network, one);
  });
}

type Strike = (
  group: Group,
  dead: Set<number>,
  trouble: string[],
  program: Parameters<Group['run']>[1],
) => Promise<void>;

/** What happens to a member at this step of this party. What concerns the dealer or the relay happens at a step of party 0. */
function striker(member: MemberFault, step: number, rank: number, parties: number): Strike | undefined {
  if (!('step' in member) || member.step !== step) return undefined;
  const at = 'rank' in member ? member.rank : 'pair' in member ? member.pair[0] : parties;
  if (rank !== (at === parties ? 0 : at)) return undefined;
  if (member.kind === 'killed relay') return (group) => group.killRelay(member.restarted);
  if (member.kind === 'severed')
    return async (group) => {
      const network = group.network(member.pair);
      if (member.silent) network.swallow(['out', 'in'], true);
      else cutOff(network);
    };
  if (member.kind === 'killed')
    return async (group, dead, trouble, program) => {
      dead.add(member.rank);
      await group.kill(member.rank);
      if (!member.restarted) return;
      const { value } = await group.restart(member.rank, program);
      if (value !== undefined) trouble.push('a member that was started again has taken part');
    };
  return async (group, _, trouble) => {
    const error: Failure | undefined = await group.intrude(member.rank, member.kind);
    if (error === undefined) trouble.push(`a ${member.kind} was let in`);
  };
}

/** Whoever has not ended by then hangs. */
async function withinLimit<T>(limitMs: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** mulberry32: numbers in [0, 1) that a seed repeats. */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
