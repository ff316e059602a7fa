/** Reads .npy files of version 1 with little-endian numbers, C order. */
export interface NpyArray {
  shape: number[];
  data: Float64Array;
}

export function readNpy(bytes: Uint8Array): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = String.fromCharCode(...bytes.subarray(1, 6));
  if (bytes[0] !== 0x93 || magic !== 'NUMPY' || bytes[6] !== 1)
    throw new Error('not a .npy file of version 1');
  const headerLength = view.getUint16(8, true);
  const header = new TextDecoder().decode(bytes.subarray(10, 10 + headerLength));
  const descr = /'descr': '([^']+)'/.exec(header)?.[1];
  const shapeText = /'shape': \(([^)]*)\)/.exec(header)?.[1];
  if (!header.includes("'fortran_order': False") || descr === undefined || shapeText === undefined)
    throw new Error(`unexpected header ${header}`);
  const shape = shapeText
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(Number);
  const size = shape.reduce((a, b) => a * b, 1);
  const start = 10 + headerLength;
  const readers: Record<string, [number, (at: number) => number]> = {
    '<f4': [4, (at) => view.getFloat32(at, true)],
    '<f8': [8, (at) => view.getFloat64(at, true)],
    '|u1': [1, (at) => view.getUint8(at)],
    '<i8': [8, (at) => Number(view.getBigInt64(at, true))],
  };
  const reader = readers[descr];
  if (reader === undefined) throw new Error(`unexpected element type ${descr}`);
  const [width, read] = reader;
  if (bytes.length !== start + size * width) throw new Error('wrong length');
  return { shape, data: Float64Array.from({ length: size }, (_, i) => read(start + i * width)) };
}
