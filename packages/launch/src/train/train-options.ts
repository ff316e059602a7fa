/** Options of a training. */
import type { LaunchOptions } from '../options.js';

/** How a training runs. */
export interface TrainOptions {
  /** How the parties are launched; their number and protocol settings are in the config. */
  readonly launch?: Omit<LaunchOptions, 'worldSize' | 'config' | 'suite' | 'twin'>;
  /** Go on from the checkpoint of the config. Default false. */
  readonly resume?: boolean;
}
