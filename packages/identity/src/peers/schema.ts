/** What peers.yaml may say. */
import * as v from 'valibot';
import { addressProblem } from '../address.js';
import { deviceIdOf, fingerprintOfDeviceId } from '../device-id/device-id.js';
import { ANY_PROGRAM, NAME, NAME_RULE } from '../names.js';

const name = v.pipe(v.string('must be a name'), v.regex(NAME, `must be a name: ${NAME_RULE}`));

const programName = v.pipe(
  v.string('must be a name'),
  v.check(
    (text) => text === ANY_PROGRAM || NAME.test(text),
    `must be the name of a program, ${NAME_RULE}; or '*', which is any, for a dealer`,
  ),
);

const deviceId = v.pipe(
  v.string('must be a device id'),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return deviceIdOf(fingerprintOfDeviceId(dataset.value));
    } catch (error) {
      addIssue({ message: `is not a device id: ${(error as Error).message}` });
      return NEVER;
    }
  }),
);

const address = v.pipe(
  v.string('must be an address'),
  v.rawCheck(({ dataset, addIssue }) => {
    const problem = dataset.typed ? addressProblem(dataset.value) : undefined;
    if (problem) addIssue({ message: problem });
  }),
);

const count = (most: number) => {
  const message = `must be a whole number from 0 to ${most}`;
  return v.optional(
    v.pipe(v.number(message), v.integer(message), v.minValue(0, message), v.maxValue(most, message)),
  );
};

const quota = v.strictObject(
  {
    sessionsAtOnce: count(1e6),
    sessionsPerDay: count(1e9),
    bytesPerDay: count(Number.MAX_SAFE_INTEGER),
  },
  'must have entries',
);

const argumentsRule = v.union(
  [v.picklist(['none', 'any']), v.array(v.pipe(v.string(), v.maxLength(10_000)))],
  'must be none, any, or a list of the arguments, each in quotes if it is a number',
);

const program = v.strictObject(
  {
    name: programName,
    hash: v.optional(
      v.pipe(
        v.string('must be a SHA-256'),
        v.regex(
          /^[0-9a-f]{64}$/,
          'must be the SHA-256 of the program, 64 lower-case hexadecimal digits in quotes',
        ),
      ),
    ),
    arguments: v.optional(argumentsRule),
    quota: v.optional(quota),
  },
  'must be a program with a name',
);

/** A peer as the file has it. */
export const peerSchema = v.strictObject(
  {
    name,
    ids: v.pipe(
      v.array(deviceId, 'must be a list of device ids'),
      v.minLength(1, 'must list a device id'),
      v.maxLength(8, 'must list at most 8 device ids'),
    ),
    address: v.optional(address),
    role: v.optional(v.picklist(['party', 'dealer'], 'must be party or dealer')),
    programs: v.optional(v.array(program, 'must be a list of programs')),
  },
  'must be a peer, with a name and ids',
);

/** The whole file. */
export const peersSchema = v.strictObject(
  { peers: v.nullish(v.array(peerSchema, 'must be a list of peers'), []) },
  'must have one entry, peers, a list',
);

/** Entries that the file may have, by the name of what they are in. */
export const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(peersSchema.entries),
  peers: Object.keys(peerSchema.entries),
  programs: Object.keys(program.entries),
  quota: Object.keys(quota.entries),
};
