// Frames between the two processes of bench/channel.mjs: what either of them does to send and to receive.
import { cpuMs } from './measure.mjs';

export const FRAME = 8 * 2 ** 20;

/** Sends frames to a member; resolves with the processor milliseconds that it took. */
export async function sendFrames(transport, to, frames) {
  const used = process.cpuUsage();
  for (let i = 0; i < frames; i++) {
    transport.send(to, [{ key: `${i}/open`, payload: new Uint8Array(FRAME).fill(i) }]);
    await transport.flushed(to);
  }
  return cpuMs(used);
}

/** Starts a transport; `receive` resolves with speed and processor time once so many frames have come. */
export function receiver(transport) {
  let onFrame = () => {};
  transport.start({ onEntries: () => onFrame(), onLeave: () => {} });
  return (frames) => {
    const used = process.cpuUsage();
    return new Promise((resolve) => {
      let left = frames;
      let began = 0;
      onFrame = () => {
        if (left === frames) began = performance.now();
        if (--left > 0) return;
        // Megabytes a second, between the first frame and the last.
        const speed = ((frames - 1) * FRAME) / 1e3 / (performance.now() - began);
        resolve({ speed, cpuMs: cpuMs(used) });
      };
    });
  };
}
