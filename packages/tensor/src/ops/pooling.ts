/** Average pooling: sums of windows are local, and a window of 2^k elements only moves the binary point. */
import { mapLocal, mulPublic, ShapeError } from '@tacit/mpc';
import { CrypTensor } from '../cryptensor.js';
import { divNumber } from './arithmetic.js';
import { sides, windowCount } from './linear.js';

export interface AveragePoolOptions {
  readonly kernel: readonly [number, number];
  /** Default: the kernel. */
  readonly stride?: readonly [number, number];
  /** [top, left, bottom, right]. */
  readonly pads?: readonly [number, number, number, number];
  readonly dilation?: readonly [number, number];
  /** Whether padding counts in the divisor. Default false, as in ONNX. */
  readonly countIncludePad?: boolean;
  /** Output size where it is not the floor (ceil_mode). */
  readonly outputSize?: readonly [number, number];
}

/** Bits of an inverse beyond the working precision, so that its own rounding does not show in the mean. */
const INVERSE_SPARE = 10;

/** Mean of each window of an NCHW tensor. No round; at most one truncation later. */
export function averagePool2d(x: CrypTensor, options: AveragePoolOptions): CrypTensor {
  if (x.rank !== 4) throw new ShapeError(`avgPool2d takes an NCHW tensor, got [${x.shape}]`);
  const [batch, channels, height, width] = x.shape;
  const [kh, kw] = options.kernel;
  const stride = options.stride ?? options.kernel;
  const dilation = options.dilation ?? [1, 1];
  const pads = sides(options.pads);
  const floor = [
    windowCount(height, kh, stride[0], dilation[0], pads[0], pads[2]),
    windowCount(width, kw, stride[1], dilation[1], pads[1], pads[3]),
  ];
  const [oh, ow] = options.outputSize ?? floor;
  if (oh < 1 || ow < 1)
    throw new ShapeError(`avgPool2d: a ${kh}x${kw} window does not fit into [${x.shape}]`);
  // A ceil-mode window may reach past the padding: give the kernel the room, and count only what is real.
  const reach = (size: number, k: number, s: number, d: number, before: number, out: number) =>
    Math.max(0, (out - 1) * s + d * (k - 1) + 1 - size - before);
  const room: [number, number, number, number] = [
    pads[0],
    pads[1],
    Math.max(pads[2], reach(height, kh, stride[0], dilation[0], pads[0], oh)),
    Math.max(pads[3], reach(width, kw, stride[1], dilation[1], pads[1], ow)),
  ];
  const shape = [batch, channels, oh, ow];
  const sums = mapLocal(
    x.session,
    'window-sum',
    [x.share],
    shape,
    (op, [a], out) => {
      op.ring.windowSum2d(out, a, {
        planes: batch * channels,
        height,
        width,
        kernel: [kh, kw],
        stride,
        dilation,
        pads: room,
      });
    },
    { kernel: [kh, kw], stride, dilation, pads: room },
    'overwritten',
  );
  const total = new CrypTensor(x.session, sums, x.scale);
  const rows = counts(
    height,
    kh,
    stride[0],
    dilation[0],
    pads[0],
    pads[2],
    oh,
    options.countIncludePad ?? false,
  );
  const columns = counts(
    width,
    kw,
    stride[1],
    dilation[1],
    pads[1],
    pads[3],
    ow,
    options.countIncludePad ?? false,
  );
  if (rows.every((c) => c === rows[0]) && columns.every((c) => c === columns[0]))
    return divNumber(total, rows[0] * columns[0]);
  const narrow = total.workingPrecision();
  const bits = x.session.config.fractionBits + INVERSE_SPARE;
  const inverse = new Float64Array(batch * channels * oh * ow);
  for (let i = 0; i < inverse.length; i++) inverse[i] = 1 / (rows[Math.floor(i / ow) % oh] * columns[i % ow]);
  return new CrypTensor(
    x.session,
    mulPublic(x.session, narrow.share, x.session.ring.encode(inverse, bits)),
    narrow.scale + bits,
  );
}

/** How many elements count in each window along one axis. */
function counts(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  before: number,
  after: number,
  windows: number,
  includePad: boolean,
): number[] {
  const low = includePad ? -before : 0;
  const high = includePad ? size + after : size;
  return Array.from({ length: windows }, (_, i) => {
    let count = 0;
    for (let k = 0; k < kernel; k++) {
      const at = i * stride - before + k * dilation;
      if (at >= low && at < high) count++;
    }
    return Math.max(1, count);
  });
}
