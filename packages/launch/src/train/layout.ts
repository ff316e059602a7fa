/** How the files of a training fit together: rows, shapes, and who has which part. Known to all parties. */
import { sizeOf } from '@tacit/graph';
import type { Checked } from './build.js';
import { errorAt } from './config-file.js';
import type { SourceAt } from './sources.js';

/** What all files together are. */
export interface Layout {
  readonly rows: number;
  /** Of one example, as the model takes it. */
  readonly example: readonly number[];
  /** Of the target of one example. */
  readonly target: readonly number[];
  readonly training: number;
  readonly validation: number;
  /** Rows of a batch. */
  readonly batch: number;
  /** Steps of an epoch. */
  readonly steps: number;
}

const text = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/**
 * Fits the shapes of all files together.
 * @param checked the config
 * @param sources the files
 * @param shapes their shapes
 * @returns rows and shapes
 * @throws TrainConfigError where they do not fit
 */
export function layoutOf(
  checked: Checked,
  sources: readonly SourceAt[],
  shapes: readonly (readonly number[])[],
): Layout {
  const { config, places } = checked;
  const { split, shape: wanted } = config.data;
  const all = sources.map((source, i) => ({ ...source, shape: shapes[i] }));
  const features = all.filter(({ kind }) => kind === 'features');
  const targets = all.filter(({ kind }) => kind === 'targets');
  const [first] = features;
  const fileOf = ({ source: { file, owner } }: SourceAt) => `${file} of ${owner}`;
  const rows = split === 'columns' ? first.shape[0] : features.reduce((sum, { shape }) => sum + shape[0], 0);
  for (const other of features.slice(1)) {
    if (split === 'columns' && other.shape[0] !== rows)
      throw errorAt(
        places,
        other.path,
        `${fileOf(other)} has ${other.shape[0]} rows and ${fileOf(first)} ${rows}: with 'split: columns' row i of every file is the same example`,
      );
    const from = split === 'columns' ? 2 : 1;
    if (
      other.shape.length !== first.shape.length ||
      text(other.shape.slice(from)) !== text(first.shape.slice(from))
    )
      throw errorAt(
        places,
        other.path,
        `${fileOf(other)} has the shape ${text(other.shape)} and ${fileOf(first)} ${text(first.shape)}: they do not join along ${split}`,
      );
  }
  for (const [i, target] of targets.entries()) {
    const against = split === 'columns' ? first : features[i];
    if (target.shape[0] !== against.shape[0])
      throw errorAt(
        places,
        target.path,
        `${fileOf(target)} has targets for ${target.shape[0]} rows, and ${fileOf(against)} has ${against.shape[0]}`,
      );
    if (text(target.shape.slice(1)) !== text(targets[0].shape.slice(1)))
      throw errorAt(
        places,
        target.path,
        `${fileOf(target)} has targets ${text(target.shape.slice(1))}, and ${fileOf(targets[0])} ${text(targets[0].shape.slice(1))}`,
      );
  }
  const joined =
    split === 'columns'
      ? [features.reduce((sum, { shape }) => sum + shape[1], 0), ...first.shape.slice(2)]
      : first.shape.slice(1);
  if (wanted && sizeOf(wanted) !== sizeOf(joined))
    throw errorAt(
      places,
      ['data', 'shape'],
      `an example has ${sizeOf(joined)} numbers, and the shape ${text(wanted)} ${sizeOf(wanted)}`,
    );
  const validation = Math.floor(rows * config.validation);
  if (config.validation > 0 && validation === 0)
    throw errorAt(places, ['validation'], `${config.validation} of ${rows} rows is not one`);
  const training = rows - validation;
  const batch = Math.min(config.batchSize, training);
  // A graph is made for one size of batch.
  const whole = config.dropLast || !Array.isArray(config.model);
  return {
    rows,
    example: wanted ?? joined,
    target: targets[0].shape.slice(1),
    training,
    validation,
    batch,
    steps: whole ? Math.floor(training / batch) : Math.ceil(training / batch),
  };
}
