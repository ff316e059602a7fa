// The sending process of bench/channel.mjs: connects to what it is told, then sends frames of what size it is told,
// and says how much processor time that took.
import { join } from './channel-kinds.mjs';
import { cpuMs } from './measure.mjs';

const transports = new Map();

process.on('message', async ({ connect, send }) => {
  if (connect) {
    const transport = await join(connect.kind, 1, connect.address, connect.sessionId);
    transport.start({ onEntries: () => {}, onLeave: () => {} });
    transports.set(connect.sessionId, transport);
    process.send('connected');
    return;
  }
  const transport = transports.get(send.sessionId);
  const used = process.cpuUsage();
  for (let i = 0; i < send.frames; i++) {
    transport.send(0, [{ key: `${i}/open`, payload: new Uint8Array(send.bytes).fill(i) }]);
    await transport.flushed(0);
  }
  process.send({ cpuMs: cpuMs(used) });
});
