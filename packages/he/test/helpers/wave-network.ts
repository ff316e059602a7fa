/** A small network with few rotations, so that keys are quickly made. */
import { encodeModel } from '../../../onnx/test/helpers/onnx-encoder.js';

export const wave = (count: number, step: number) =>
  Array.from({ length: count }, (_, i) => Math.sin(1 + i * step));

/** (x w + b)^2 v for x [1, 16]; weights that are not given are waves. */
export const squareNetwork = ({ w = wave(128, 1.7), b = wave(8, 0.3), v = wave(32, 2.9) } = {}): Uint8Array =>
  encodeModel({
    opset: 13,
    inputs: [{ name: 'x', shape: [1, 16] }],
    outputs: [{ name: 'y' }],
    initializers: {
      w: { shape: [16, 8], data: w },
      b: { shape: [8], data: b },
      two: { shape: [], data: [2] },
      v: { shape: [8, 4], data: v },
    },
    nodes: [
      { op: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['m'] },
      { op: 'Pow', inputs: ['m', 'two'], outputs: ['q'] },
      { op: 'MatMul', inputs: ['q', 'v'], outputs: ['y'] },
    ],
  });

export const waveNetwork = squareNetwork();

export const waveInputs = (count: number): Float64Array[] =>
  Array.from({ length: count }, (_, i) => Float64Array.from(wave(16, 0.4 + i)));
