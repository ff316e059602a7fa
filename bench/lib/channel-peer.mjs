// The second process of bench/channel.mjs, which dials: it connects to what it is told, then sends or receives frames.
import { receiver, sendFrames } from './channel-frames.mjs';
import { join } from './channel-kinds.mjs';

const links = new Map();

process.on('message', async ({ connect, send, receive }) => {
  if (connect) {
    const transport = await join(connect.kind, 1, connect.address, connect.sessionId);
    links.set(connect.sessionId, { transport, receive: receiver(transport) });
    process.send('connected');
  } else if (send) process.send(await sendFrames(links.get(send.sessionId).transport, 0, send.frames));
  else {
    const result = links.get(receive.sessionId).receive(receive.frames);
    process.send('ready');
    process.send(await result);
  }
});
