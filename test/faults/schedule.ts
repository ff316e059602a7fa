/**
 * What may happen to a computation between processes, drawn from a seed: who takes part and who listens, what is
 * computed, which faults come when, and how it may end.
 *
 * Times are of bytes that have passed over a link, or of steps of the program, not of a clock, so that a slow machine has
 * the same faults at the same places.
 */
import type { Direction, Weather } from '@tacit/compliance';
import fc from 'fast-check';
import type { FabricKind } from './fabric.js';

/** Two members, the lower rank first; where they meet at a relay, a member twice for its own place there. */
export type Pair = readonly [number, number];

/** What is noticed where links are encrypted only, and what everybody survives. */
const SEALED_FAULTS = ['corruption', 'repetition', 'replayed connection'] as const;
const OPEN_FAULTS = ['reset', 'close', 'half-open', 'truncation', 'refusal', 'slow reader'] as const;
/** All that a network does to links. */
export const LINK_FAULTS = [...OPEN_FAULTS, ...SEALED_FAULTS];

/** What a network does to a link after so many bytes. */
export interface LinkFault {
  readonly pair: Pair;
  readonly at: number;
  readonly kind: (typeof LINK_FAULTS)[number];
  readonly direction: Direction | 'both';
}

/** What happens to a member, at a step of its program. */
export type MemberFault =
  | { readonly kind: 'none' }
  /** It dies, and stays dead or is started again with the same keys. */
  | { readonly kind: 'killed'; readonly rank: number; readonly step: number; readonly restarted: boolean }
  /** The network between two members breaks and stays so: told to both, or to nobody. */
  | { readonly kind: 'severed'; readonly pair: Pair; readonly step: number; readonly silent: boolean }
  /** It never starts. */
  | { readonly kind: 'absent'; readonly rank: number }
  /** It has another key than the one that the others know. */
  | { readonly kind: 'wrong key'; readonly rank: number }
  /** Somebody who has its key tries to take its place while it is there. */
  | { readonly kind: 'duplicate'; readonly rank: number; readonly step: number }
  /** Somebody who has another key tries the same. */
  | { readonly kind: 'impostor'; readonly rank: number; readonly step: number }
  /** The relay dies, and stays dead or is started again, with nothing that it knew. */
  | { readonly kind: 'killed relay'; readonly step: number; readonly restarted: boolean };

export interface Schedule {
  readonly fabric: FabricKind;
  readonly parties: number;
  /** Who cannot listen; undefined for nobody. */
  readonly deaf: number | undefined;
  readonly steps: number;
  readonly elements: number;
  readonly resumable: boolean;
  readonly weather: Weather;
  readonly faults: readonly LinkFault[];
  readonly member: MemberFault;
}

/** `right`: everybody ends with the right result. `named`: or, soon, with an error that names who was lost. */
export type Expected = 'right' | 'right or named' | 'named';

/** A link is made after so many bytes, whatever its kind; before, damage looks like a wrong key. */
const MADE_BYTES = 6000;
/** The same through a relay, which has handshakes of its own. */
const RELAYED_BYTES = 10_000;

/** Whether a fault comes before all links over its network are made: over the way to a relay there are several. */
function isEarly({ pair: [low, high], at }: LinkFault, { fabric, parties }: Schedule): boolean {
  if (!fabric.relayed) return at < MADE_BYTES;
  return at < (low === high ? parties * RELAYED_BYTES : RELAYED_BYTES);
}

export function expected(schedule: Schedule): Expected {
  const { faults, member, resumable } = schedule;
  if (member.kind === 'absent' || member.kind === 'wrong key') return 'named';
  // A second one with the key of a member whose connection is broken just then looks as if it had been started again.
  const twice = member.kind === 'duplicate' && faults.length > 0;
  const harmless = !isLethal(member) && !twice;
  const early = faults.some(
    (fault) => ['corruption', 'repetition'].includes(fault.kind) && isEarly(fault, schedule),
  );
  const broken =
    member.kind === 'killed relay' ||
    faults.some(({ kind }) => !['slow reader', 'replayed connection'].includes(kind));
  return harmless && !early && (resumable || !broken) ? 'right' : 'right or named';
}

const LETHAL = ['killed', 'severed', 'absent', 'wrong key'];

/** Whether the member fault ends a session if it comes in time. */
export const isLethal = (member: MemberFault): boolean =>
  LETHAL.includes(member.kind) || (member.kind === 'killed relay' && !member.restarted);

const pairs = (size: number): Pair[] =>
  Array.from({ length: size }, (_, low) =>
    Array.from({ length: size - low - 1 }, (_, i): Pair => [low, low + 1 + i]),
  ).flat();

/** A member's own way to a relay, at which others reach it. */
const places = (size: number): Pair[] => Array.from({ length: size }, (_, rank): Pair => [rank, rank]);

function linkFault(size: number, { sealed, relayed }: FabricKind): fc.Arbitrary<LinkFault> {
  const kinds = sealed ? LINK_FAULTS : OPEN_FAULTS;
  return fc.record({
    pair: fc.constantFrom(...pairs(size), ...(relayed ? places(size) : [])),
    // Most programs are over after so many bytes; nothing strikes then.
    at: fc.oneof(fc.integer({ min: 0, max: 6000 }), fc.integer({ min: 3000, max: 15_000 })),
    kind: fc.constantFrom(...kinds),
    direction: fc.constantFrom('out', 'in', 'both'),
  });
}

function memberFault(size: number, steps: number, relayed: boolean): fc.Arbitrary<MemberFault> {
  const rank = fc.integer({ min: 0, max: size - 1 });
  // The dealer has no steps of its own: those of party 0 are meant.
  const step = fc.integer({ min: 0, max: steps - 1 });
  const of = fc.constant;
  const killedRelay = fc.record({ kind: of('killed relay' as const), step, restarted: fc.boolean() });
  return fc.oneof(
    ...(relayed ? [{ weight: 6, arbitrary: killedRelay }] : []),
    { weight: 9, arbitrary: fc.record({ kind: of('none' as const) }) },
    { weight: 3, arbitrary: fc.record({ kind: of('killed' as const), rank, step, restarted: fc.boolean() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: of('severed' as const),
        pair: fc.constantFrom(...pairs(size)),
        step,
        silent: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: of('absent' as const), rank }) },
    { weight: 1, arbitrary: fc.record({ kind: of('wrong key' as const), rank }) },
    { weight: 1, arbitrary: fc.record({ kind: of('duplicate' as const), rank, step }) },
    { weight: 1, arbitrary: fc.record({ kind: of('impostor' as const), rank, step }) },
  );
}

const weather: fc.Arbitrary<Weather> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 2,
    arbitrary: fc.record({
      delayMs: fc.integer({ min: 0, max: 6 }),
      jitterMs: fc.integer({ min: 0, max: 10 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ bytesPerSecond: fc.integer({ min: 200_000, max: 2_000_000 }) }) },
);

/** All schedules over these kinds of links. */
const schedules = (kinds: readonly FabricKind[]): fc.Arbitrary<Schedule> =>
  fc
    .record({
      fabric: fc.constantFrom(...kinds),
      parties: fc.constantFrom(2, 2, 3),
      steps: fc.integer({ min: 2, max: 5 }),
      elements: fc.constantFrom(1, 5, 100, 2000),
      resumable: fc.constantFrom(true, true, true, true, false),
    })
    .chain((base) => {
      const size = base.parties + 1;
      return fc
        .record({
          deaf: fc.option(fc.integer({ min: 0, max: size - 1 }), { nil: undefined }),
          weather,
          faults: fc.array(linkFault(size, base.fabric), { minLength: 1, maxLength: 4 }),
          member: memberFault(size, base.steps, base.fabric.relayed),
        })
        .map((rest): Schedule => ({ ...base, ...rest }));
    })
    // What kills is looked at by itself, so that it is clear who is to be named.
    .map((schedule) => (isLethal(schedule.member) ? { ...schedule, faults: [] } : schedule));

/**
 * The schedule of a seed.
 * @param seed a whole number of 32 bits
 * @param kinds of links that may be drawn
 * @returns always the same one for the same seed and kinds
 */
export function scheduleOf(seed: number, kinds: readonly FabricKind[]): Schedule {
  const [schedule] = fc.sample(schedules(kinds), { seed, numRuns: 1 });
  return schedule;
}

/** In one line. */
export function describeSchedule({ fabric, member, faults, weather: sky, ...s }: Schedule): string {
  const parts = [
    `${s.parties} parties over ${fabric.name}`,
    s.deaf === undefined ? '' : `${s.deaf} deaf`,
    s.resumable ? '' : 'not resumable',
    `${s.steps} steps of ${s.elements}`,
    Object.keys(sky).length > 0 ? JSON.stringify(sky) : '',
    member.kind === 'none' ? '' : JSON.stringify(member),
    ...faults.map(({ kind, pair, at, direction }) => `${kind} ${pair.join('-')} ${direction} at ${at}`),
  ];
  return parts.filter((part) => part !== '').join(', ');
}
