/** Options of sliding windows as methods take them: numbers for all axes, or one an axis. */
import { ArgumentError } from '@tacit/errors';
import { checkOptions } from '../../operation/attributes.js';

type PerAxis = number | readonly number[];

export interface WindowOptions {
  readonly stride?: number | readonly [number, number];
  readonly dilation?: number | readonly [number, number];
  /** [top, left, bottom, right], or one number for all sides. */
  readonly pads?: number | readonly [number, number, number, number];
}

export interface PoolOptions extends WindowOptions {
  readonly kernel: number | readonly [number, number];
  /** Default: the kernel. */
  readonly stride?: number | readonly [number, number];
  /** Round the number of windows up instead of down. */
  readonly ceilMode?: boolean;
}

export interface Pool1dOptions {
  readonly kernel: number;
  /** Default: the kernel. */
  readonly stride?: number;
  readonly dilation?: number;
  /** [left, right], or one number for both. */
  readonly pads?: number | readonly [number, number];
  /** Round the number of windows up instead of down. */
  readonly ceilMode?: boolean;
}

interface Given {
  readonly kernel: PerAxis;
  readonly stride?: PerAxis;
  readonly dilation?: PerAxis;
  readonly pads?: PerAxis;
}

/** As attributes of an operation over so many spatial axes. Options of other names than these and `more` are refused. */
export function windowAttributes(what: string, options: Given, axes: number, more: readonly string[] = []) {
  checkOptions(what, options, ['kernel', 'stride', 'dilation', 'pads', ...more]);
  const list = (name: string, value: PerAxis, length = axes): readonly number[] => {
    const values = typeof value === 'number' ? new Array<number>(length).fill(value) : value;
    if (values?.length !== length)
      throw new ArgumentError(`${what}: ${name} is [${values}] instead of a number or ${length} of them`);
    return values;
  };
  return {
    kernel: list('kernel', options.kernel),
    strides: list('stride', options.stride ?? 1),
    dilations: list('dilation', options.dilation ?? 1),
    pads: list('pads', options.pads ?? 0, 2 * axes),
  };
}

/** Attributes of a pool, whose stride is the kernel by default. */
export function poolAttributes(
  what: string,
  options: PoolOptions | Pool1dOptions,
  axes: 1 | 2,
  more: readonly string[] = [],
) {
  if (options?.kernel === undefined) throw new ArgumentError(`${what}: the option kernel is missing`);
  const window = windowAttributes(what, { stride: options.kernel, ...options }, axes, ['ceilMode', ...more]);
  return { ...window, ceilMode: options.ceilMode ?? false };
}
