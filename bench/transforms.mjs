// Keyed transforms of images, in megabytes of pixels a second, beside a copy of the same memory.
import { blockTransform } from '@tacit/lock/transforms';
import { time, wanted } from './lib/measure.mjs';

const key = crypto.getRandomValues(new Uint8Array(32));

export const rows = [];
for (const [layout, shape] of [
  ['CHW', [1000, 3, 32, 32]],
  ['HWC', [1000, 32, 32, 3]],
  ['CHW', [1, 3, 1024, 1024]],
])
  for (const Pixels of [Uint8Array, Float32Array]) {
    const size = shape.reduce((a, b) => a * b);
    const scale = Pixels === Uint8Array ? 1 : 255;
    const data = Pixels.from({ length: size }, (_, i) => (i % 256) / scale);
    const MB = data.byteLength / 1e6;
    for (const kind of ['shf', 'np', 'ffx']) {
      const name = `${kind} ${layout} ${shape.join('x')} ${Pixels === Uint8Array ? 'bytes' : 'floats'}`;
      if (!wanted(name)) continue;
      const transform = blockTransform({ kind, block: 4, key });
      const ms = time(() => transform.transform({ shape, data, layout }));
      const copyMs = time(() => data.slice());
      rows.push({ transform: name, ms, 'MB/s': MB / (ms / 1e3), 'time / copy': ms / copyMs });
    }
  }
