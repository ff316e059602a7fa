/**
 * What a tape is made for: the operations with dealt fields of a program, in program order, as a dealer that is asked
 * while the program runs would hear of them. A plan is public to the members and the dealer; values and weights are not
 * in it.
 *
 * As text it is JSON: { "format": "tacit-plan/1", "parties", "config", "operations": [[scope, index, descriptor], …] }.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { MAX_ID } from '../definition/request-fields.js';
import {
  canonicalConfig,
  checkConfig,
  defaultConfig,
  describeConfig,
  type ProtocolConfig,
} from '../runtime/config.js';
import { SCOPE_ID } from '../runtime/transcript.js';
import { TapeError } from './errors.js';

/** An operation whose dealt fields are on a tape. */
export interface PlannedOperation {
  /** Id of its scope: empty for the main program. */
  readonly scope: string;
  /** Its number within the scope. */
  readonly index: number;
  /** What it is, in public terms. */
  readonly descriptor: string;
}

/** What tapes are made for. */
export interface TapePlan {
  readonly parties: number;
  readonly config: ProtocolConfig;
  /** In program order. */
  readonly operations: readonly PlannedOperation[];
}

/** What the members of a session with tapes compare: the settings, as with a dealer of that name. */
export const TAPE = 'tape';

const FORMAT = 'tacit-plan/1';
const MAX_DESCRIPTOR = 2 ** 18;
/** Operations of a plan: of training runs, some hundred thousand. */
const MAX_OPERATIONS = 2 ** 22;

/**
 * Settings of a plan as one line, with the version of what parties and dealer have in common.
 * @param plan parties and settings of it count
 * @returns the line; equal for equal settings
 */
export const planSettings = ({ parties, config }: Pick<TapePlan, 'parties' | 'config'>): string =>
  describeConfig(parties, TAPE, config);

/**
 * What names a plan: SHA-256 over the settings and all operations.
 * @param plan that is named
 * @returns 64 hexadecimal digits
 */
export function planHash(plan: TapePlan): string {
  const hash = sha256.create().update(utf8ToBytes(`tacit/v1/plan\n${planSettings(plan)}\n`));
  for (const { scope, index, descriptor } of plan.operations) {
    const bytes = utf8ToBytes(`${scope} ${index} ${descriptor}`);
    hash.update(utf8ToBytes(`${bytes.length}:`)).update(bytes);
  }
  return bytesToHex(hash.digest());
}

/**
 * A plan as text, for a file.
 * @param plan what is written
 * @returns JSON that `parsePlan` reads
 */
export function encodePlan({ parties, config, operations }: TapePlan): string {
  const rows = operations.map(({ scope, index, descriptor }) => JSON.stringify([scope, index, descriptor]));
  const head = JSON.stringify({ format: FORMAT, parties, config: canonicalConfig(config) }).slice(0, -1);
  return `${head},"operations":[\n${rows.join(',\n')}\n]}\n`;
}

/**
 * A plan from its text. The descriptors are checked where something is dealt for them.
 * @param text as of `encodePlan`
 * @returns the plan
 * @throws TapeError TAPE_PLAN_FORMAT that says what is wrong
 */
export function parsePlan(text: string): TapePlan {
  const fail = (what: string, cause?: unknown): never => {
    throw new TapeError('TAPE_PLAN_FORMAT', `not a plan of a tape: ${what}`, { cause });
  };
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return fail('it is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null || value.format !== FORMAT)
    return fail(`its format is not ${FORMAT}`);
  const { parties, config: given, operations: rows } = value;
  if (typeof given !== 'object' || given === null) return fail('it has no settings');
  const names = Object.keys(defaultConfig);
  if (Object.keys(given).sort().join() !== [...names].sort().join())
    return fail(`its settings must be ${names.join(', ')}`);
  const config = given as ProtocolConfig;
  try {
    checkConfig(parties as number, config);
  } catch (cause) {
    return fail(cause instanceof Error ? cause.message : 'settings', cause);
  }
  if (!Array.isArray(rows) || rows.length > MAX_OPERATIONS)
    return fail(`it must list at most ${MAX_OPERATIONS} operations`);
  const next = new Map<string, number>();
  const operations = rows.map((row, at): PlannedOperation => {
    const [scope, index, descriptor] = Array.isArray(row) && row.length === 3 ? row : [];
    if (
      typeof scope !== 'string' ||
      !SCOPE_ID.test(scope) ||
      !Number.isInteger(index) ||
      index < (next.get(scope) ?? 0) ||
      index > MAX_ID ||
      typeof descriptor !== 'string' ||
      descriptor.length > MAX_DESCRIPTOR
    )
      return fail(`operation ${at} is not a scope, a number that grows within it, and a descriptor`);
    next.set(scope, index + 1);
    return { scope, index, descriptor };
  });
  return { parties: parties as number, config: canonicalConfig(config), operations };
}
