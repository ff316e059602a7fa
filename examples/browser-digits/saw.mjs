// What the owner's process gets to see of a client. Messages come in encrypted, are decrypted in this process, and go by a
// MessagePort to the thread that computes; here we look at every one on its way. Nothing of the client comes by any other
// way. Import this before the service starts.
import { MessagePort } from 'node:worker_threads';

const WORDS = 8;
/** Messages that are remembered. */
const KEPT = 64;

const ports = new WeakMap();
let seen = [];
let total = 0;

const post = MessagePort.prototype.postMessage;
MessagePort.prototype.postMessage = function postMessage(message, ...rest) {
  if (message instanceof ArrayBuffer) look(this, new Uint8Array(message));
  return post.call(this, message, ...rest);
};

/** Every session has two ports: one for what the client says, one for what the dealer does. */
function look(port, bytes) {
  // Before anything else the client says in public for which shapes the weights are to be masked.
  if (ports.get(port) !== true) ports.set(port, Buffer.from(bytes).includes('"prepare"'));
  if (ports.get(port) !== true) return;
  total += bytes.length;
  // Short messages are about shapes and bookkeeping; masked numbers are words of 64 bits at the end of a message.
  const at = bytes.length - (bytes.length % 8) - 8 * WORDS;
  const words = at < 0 ? [] : Array.from(new BigUint64Array(bytes.slice(at, at + 8 * WORDS).buffer));
  seen.push({
    at: Date.now(),
    bytes: bytes.length,
    words: words.map((word) => word.toString(16).padStart(16, '0')),
  });
  if (seen.length > KEPT) seen = seen.slice(-KEPT);
}

/** What has come since the last call, from all clients. */
export function takeSeen() {
  const taken = { messages: seen, total };
  seen = [];
  return taken;
}
