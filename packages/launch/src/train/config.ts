/** What a training is told: the schema of `tacit train CONFIG.yaml`, and its checks without any file. */
import { extname } from 'node:path';
import { WEIGHTS_ENDINGS } from '@tacit/files';
import { defaultConfig } from '@tacit/mpc';
import * as v from 'valibot';
import { meant } from './closest.js';
import { errorAt, KEY, type Places, readYaml, type ValuePath } from './config-file.js';
import { exportsOnnx } from './export-onnx.js';
import { binaryLoss, layerClass, lossClass, optimizerClass, scheduleClass } from './names.js';

const name = v.pipe(v.string(), v.nonEmpty('must not be empty'), v.maxLength(100, 'is too long'));
const path = v.pipe(v.string(), v.nonEmpty('must not be empty'));
const number = v.pipe(v.number(), v.finite('must be a finite number'));
const whole = (low: number, high: number) =>
  v.pipe(
    v.number(),
    v.check(
      (n) => Number.isInteger(n) && n >= low && n <= high,
      `must be a whole number from ${low} to ${high}`,
    ),
  );
const count = whole(1, 1e9);

/** `Name`, `Name: argument` or `Name: [arguments, { options }]`. */
const built = v.pipe(
  v.unknown(),
  v.check(
    (x) => typeof x === 'string' || (isObject(x) && Object.keys(x).length === 1),
    'must be a name, or a name with its arguments such as `Linear: [4, 8]`',
  ),
  v.transform((x): Built => {
    if (typeof x === 'string') return { name: x, args: [] };
    const [[key, value]] = Object.entries(x as Record<string, unknown>);
    return { name: key, args: value === null ? [] : Array.isArray(value) ? value : [value] };
  }),
);

/** Something that is made by a constructor. */
export interface Built {
  readonly name: string;
  readonly args: readonly unknown[];
}

const source = v.strictObject({
  /** Who has the file. */
  owner: name,
  /** .npy, .npz, .safetensors or .csv, at its owner. */
  file: path,
  /** Names of columns (.csv), or numbers from 0. */
  columns: v.optional(v.union([v.array(v.union([name, whole(0, 1e9)])), name], 'must be a list of columns')),
  /** Which array, of .npz and .safetensors. */
  key: v.optional(name),
  /** Where the owner writes mean and deviation of its columns, with `standardize: owner`. */
  scaling: v.optional(path),
});

const listOf = <T extends v.GenericSchema>(schema: T, least = 1) =>
  v.lazy(
    (x): v.GenericSchema<unknown, v.InferOutput<T>[]> =>
      Array.isArray(x)
        ? v.pipe(v.array(schema), v.minLength(least, 'must not be empty'))
        : v.pipe(
            schema,
            v.transform((one) => [one]),
          ),
  ) as v.GenericSchema<unknown, v.InferOutput<T>[]>;

const layers = v.pipe(v.array(built), v.minLength(1, 'must have a layer'));
const fromFile = v.strictObject({
  onnx: path,
  owner: name,
  /** Which weights: all, or those of these names. Default all. */
  trainable: v.optional(v.union([v.literal(true), v.array(name)], 'must be true or a list of names')),
});

const who = v.union([name, v.array(name)], "must be 'all', 'nobody', a party or a list of parties");

const weights = v.strictObject({ to: name, file: path });
const shares = v.strictObject({ shares: path });

const schema = v.strictObject({
  parties: v.pipe(
    v.array(name),
    v.minLength(2, 'must be two parties at least'),
    v.maxLength(64, 'must be 64 parties at most'),
  ),
  data: v.strictObject({
    split: v.optional(v.picklist(['columns', 'rows'], "must be 'columns' or 'rows'"), 'columns'),
    features: listOf(source),
    targets: listOf(source),
    classes: v.optional(
      v.union(
        [whole(2, 100_000), v.pipe(v.array(v.union([name, number, v.boolean()])), v.minLength(2))],
        'must be how many there are, or a list of at least two labels',
      ),
    ),
    standardize: v.optional(
      v.picklist(['none', 'owner', 'private'], "must be 'none', 'owner' or 'private'"),
      'none',
    ),
    shape: v.optional(v.pipe(v.array(count), v.minLength(1, 'must not be empty'))),
  }),
  model: v.lazy(
    (x): v.GenericSchema<unknown, Built[] | v.InferOutput<typeof fromFile>> =>
      isObject(x) ? fromFile : layers,
  ),
  initial: v.optional(name, 'nobody'),
  loss: built,
  optimizer: built,
  schedule: v.optional(built),
  epochs: count,
  batchSize: count,
  /** Whether a last batch of fewer examples is left out of each epoch. */
  dropLast: v.optional(v.boolean(), false),
  validation: v.optional(
    v.pipe(
      number,
      v.check((x) => x >= 0 && x < 1, 'must be a part of all examples, from 0 to below 1'),
    ),
    0,
  ),
  seed: v.optional(whole(0, 2 ** 32 - 1)),
  reveal: v.optional(
    v.strictObject({ loss: v.optional(who, 'nobody'), accuracy: v.optional(who, 'nobody') }),
    {},
  ),
  save: v.optional(
    listOf(
      v.lazy(
        (x): v.GenericSchema<unknown, v.InferOutput<typeof weights> | v.InferOutput<typeof shares>> =>
          isObject(x) && 'shares' in x ? shares : weights,
      ),
      0,
    ),
    [],
  ),
  checkpoint: v.optional(v.strictObject({ file: path, every: v.optional(count, 1) })),
  protocol: v.optional(
    v.strictObject({
      fractionBits: v.optional(whole(1, 64)),
      window: v.optional(whole(8, 64)),
      tree: v.optional(v.picklist(['by-size', 'bt3', 'bt4'], "must be 'by-size', 'bt3' or 'bt4'")),
      prgRounds: v.optional(v.picklist([12, 20], 'must be 12 or 20')),
      chunk: v.optional(whole(8192, 2 ** 30)),
      truncation: v.optional(
        v.picklist(['probabilistic', 'exact'], "must be 'probabilistic' or 'exact'"),
        defaultConfig.truncation,
      ),
    }),
  ),
});

type Parsed = v.InferOutput<typeof schema>;

/** A file of a party. */
export type DataSource = v.InferOutput<typeof source>;
/** Where the trained model goes. */
export type SaveTarget = v.InferOutput<typeof weights> | v.InferOutput<typeof shares>;
/** A checked config: as written, with what was left out. */
export type TrainConfig = Omit<Parsed, 'reveal'> & {
  /** Ranks; undefined: all parties. */
  readonly reveal: { readonly loss: Recipients; readonly accuracy: Recipients };
};
/** Who learns a number: all, or these ranks, perhaps none. */
export type Recipients = 'all' | readonly number[];

const RESERVED: readonly string[] = ['all', 'nobody'];

/**
 * Reads a config and checks all that can be checked without any other file.
 * @param text contents of the file
 * @param file its name, for errors
 * @returns the config, and where its values are in the file
 * @throws TrainConfigError that names line and column
 */
export function parseTrainConfig(
  text: string,
  file: string,
): { readonly config: TrainConfig; readonly places: Places } {
  const { value, places } = readYaml(text, file);
  if (!isObject(value))
    throw errorAt(
      places,
      [],
      "a config is a map with entries such as 'parties:'; tacit train --example prints one",
    );
  const result = v.safeParse(schema, value);
  if (!result.success) {
    // A misspelt entry is also a missing one, and says more.
    const unknown = result.issues.find(isUnknownEntry);
    throw complaint(places, unknown ?? result.issues[0]);
  }
  const { reveal, ...config } = result.output;
  const fail = (at: ValuePath, message: string): never => {
    throw errorAt(places, at, message);
  };
  const { parties } = config;
  parties.forEach((party, i) => {
    if (RESERVED.includes(party)) fail(['parties', i], `'${party}' cannot be the name of a party`);
    if (parties.indexOf(party) < i) fail(['parties', i], `there are two parties of the name '${party}'`);
  });
  const known = (party: string, at: ValuePath): number => {
    const rank = parties.indexOf(party);
    return rank >= 0
      ? rank
      : fail(at, `there is no party '${party}'; there are ${parties.join(', ')}${meant(party, parties)}`);
  };
  checkData(config, known, fail);
  if (Array.isArray(config.model))
    for (const [i, layer] of config.model.entries()) checkName(['model', i], layer, layerClass, fail);
  else {
    known(config.model.owner, ['model', 'owner']);
    if ('initial' in value)
      fail(['initial'], "the weights of an ONNX file are its owner's: leave 'initial' out");
  }
  if (config.initial !== 'nobody') known(config.initial, ['initial']);
  checkName(['loss'], config.loss, lossClass, fail);
  checkName(['optimizer'], config.optimizer, optimizerClass, fail);
  if (config.schedule) checkName(['schedule'], config.schedule, scheduleClass, fail);
  const told = (what: 'loss' | 'accuracy'): Recipients => {
    const given = reveal[what];
    if (given === 'all' || given === 'nobody') return given === 'all' ? 'all' : [];
    const names = typeof given === 'string' ? [given] : given;
    const ranks = names.map((party, i) =>
      known(party, typeof given === 'string' ? ['reveal', what] : ['reveal', what, i]),
    );
    return [...new Set(ranks)].sort((a, b) => a - b);
  };
  const { classes } = config.data;
  const binary = binaryLoss(config.loss.name) !== undefined;
  if (binary && classes !== undefined && classCount(classes) !== 2)
    fail(['data', 'classes'], `${config.loss.name} is of two classes; CrossEntropyLoss takes more`);
  const revealed = { loss: told('loss'), accuracy: told('accuracy') };
  if (revealed.accuracy.length > 0 && classes === undefined)
    fail(
      ['reveal', 'accuracy'],
      "accuracy is of classes: say 'classes' under 'data', or reveal the loss alone",
    );
  config.save.forEach((target, i) => {
    if ('shares' in target) return;
    known(target.to, ['save', i, 'to']);
    const endings = [...WEIGHTS_ENDINGS, ...(exportsOnnx() ? ['.onnx'] : [])];
    if (!endings.includes(extname(target.file).toLowerCase()))
      fail(['save', i, 'file'], `'${target.file}' must end in ${endings.join(' or ')}`);
    if (isOnnx(target) && config.data.standardize === 'private' && config.save.every(isOnnx))
      fail(
        ['save', i, 'file'],
        "mean and deviation, which 'standardize: private' makes, are saved in .safetensors and .npz files: name one, too",
      );
  });
  return { config: { ...config, reveal: revealed }, places };
}

const isOnnx = (target: SaveTarget): boolean =>
  !('shares' in target) && extname(target.file).toLowerCase() === '.onnx';

/** How many classes a config names. */
export const classCount = (classes: NonNullable<TrainConfig['data']['classes']>): number =>
  typeof classes === 'number' ? classes : classes.length;

function checkData(
  { data, validation }: Pick<Parsed, 'data' | 'validation'>,
  known: (party: string, at: ValuePath) => number,
  fail: (at: ValuePath, message: string) => never,
): void {
  const { split, features, targets, classes, standardize } = data;
  for (const kind of ['features', 'targets'] as const)
    data[kind].forEach((own, i) => {
      known(own.owner, ['data', kind, i, 'owner']);
      if (own.scaling !== undefined && (kind === 'targets' || standardize !== 'owner'))
        fail(['data', kind, i, 'scaling'], "'scaling' is written with 'standardize: owner', for features");
      const csv = extname(own.file).toLowerCase() === '.csv';
      const several = ['.npz', '.safetensors'].includes(extname(own.file).toLowerCase());
      if (own.key !== undefined && !several)
        fail(['data', kind, i, 'key'], 'a key belongs to .npz and .safetensors files');
      const columns = typeof own.columns === 'string' ? [own.columns] : (own.columns ?? []);
      columns.forEach((column, j) => {
        if (typeof column === 'string' && !csv)
          fail(
            ['data', kind, i, 'columns', j],
            'only the columns of .csv files have names; number them from 0',
          );
        if (columns.indexOf(column) < j)
          fail(['data', kind, i, 'columns', j], `the column '${column}' is named twice`);
      });
      if (own.columns !== undefined && columns.length === 0)
        fail(['data', kind, i, 'columns'], "must not be empty; leave 'columns' out for all of them");
    });
  if (split === 'columns' && targets.length > 1)
    fail(['data', 'targets', 1], "with 'split: columns' all targets are in one file");
  if (split === 'rows' && targets.length !== features.length)
    fail(
      ['data', 'targets'],
      `with 'split: rows' every file of features has one of targets, in the same order: ${features.length}, not ${targets.length}`,
    );
  if (split === 'rows' && standardize === 'owner')
    fail(
      ['data', 'standardize'],
      "with 'split: rows' owners know the means of their own rows only: use 'private'",
    );
  if (Array.isArray(classes))
    classes.forEach((label, i) => {
      if (classes.map(String).indexOf(String(label)) < i)
        fail(['data', 'classes', i], `the label '${label}' is there twice`);
    });
  if (validation > 0 && validation < 1e-9) fail(['validation'], 'is too small');
}

function checkName(
  at: ValuePath,
  { name: given, args }: Built,
  find: (name: string) => unknown,
  fail: (at: ValuePath, message: string) => never,
): void {
  const found = find(given);
  if (typeof found === 'string') fail([...at, given, KEY], found);
  const bad = findBad(args);
  if (bad) fail([...at, given, ...bad], 'must be a number, a text, true, false, a list or a map of these');
}

/** The path to an argument that no constructor could take. */
function findBad(value: unknown): ValuePath | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : [];
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return undefined;
  if (typeof value !== 'object') return [];
  for (const [key, part] of Object.entries(value)) {
    const bad = findBad(part);
    if (bad) return [Array.isArray(value) ? Number(key) : key, ...bad];
  }
  return undefined;
}

const isUnknownEntry = ({ type, expected }: v.BaseIssue<unknown>): boolean =>
  type === 'strict_object' && expected === 'never';

function complaint(places: Places, issue: v.BaseIssue<unknown>) {
  const at = (issue.path ?? []).map(({ key }) => key as string | number);
  const key = at.at(-1);
  if (isUnknownEntry(issue)) {
    const entries = Object.keys(entriesAt(at.slice(0, -1)) ?? {});
    const list = entries.length > 0 ? `; there are ${entries.join(', ')}` : '';
    return errorAt(
      places,
      [...at, KEY],
      `unknown entry '${String(key)}'${list}${meant(String(key), entries)}`,
    );
  }
  if (issue.type === 'strict_object' && issue.received === 'undefined')
    return errorAt(places, at.slice(0, -1), `'${String(key)}' is missing`);
  const what = at.length > 0 ? `'${at.filter((part) => typeof part === 'string').at(-1) ?? key}' ` : '';
  const message = /^(must|is) /.test(issue.message)
    ? issue.message
    : `must be ${NOUNS[issue.expected ?? ''] ?? issue.expected}, not ${issue.received}`;
  return errorAt(places, at, `${what}${message}`);
}

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  Object: 'a map',
  Array: 'a list',
};

/** The entries that a map at a path may have. */
function entriesAt(at: ValuePath): Readonly<Record<string, unknown>> | undefined {
  switch (at.filter((part) => typeof part === 'string').join('.')) {
    case '':
      return schema.entries;
    case 'data':
      return schema.entries.data.entries;
    case 'data.features':
    case 'data.targets':
      return source.entries;
    case 'model':
      return fromFile.entries;
    case 'reveal':
      return schema.entries.reveal.wrapped.entries;
    case 'save':
      return { ...weights.entries, ...shares.entries };
    case 'checkpoint':
      return schema.entries.checkpoint.wrapped.entries;
    case 'protocol':
      return schema.entries.protocol.wrapped.entries;
    default:
      return undefined;
  }
}

const isObject = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && !Array.isArray(x);
