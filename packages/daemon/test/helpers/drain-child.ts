/** A process with sessions that signals drain: argv is how many, and milliseconds to drain. */
import { handleSignals, Lifecycle } from '../../src/operate/lifecycle.js';

const [sessions = '0', drainMs = '60000'] = process.argv.slice(2);
const lifecycle = new Lifecycle({ drainMs: Number(drainMs) });
lifecycle.ready();
const ends = Array.from({ length: Number(sessions) }, () => lifecycle.begin());
handleSignals({
  lifecycle,
  onDrain: (signal) => process.send?.(`draining ${signal}`),
  close: async () => {},
});
process.on('message', () => {
  for (const end of ends) end?.();
});
process.send?.('ready');
