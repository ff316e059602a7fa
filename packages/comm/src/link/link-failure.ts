/** Which ends of a connection are breaks, over which a link goes on. */
import { type ChannelEnd, VIOLATION_CODE } from '../channel/channel.js';

/** Close codes from here on are those of members: refusals, and violations. */
const FIRST_OWN_CODE = 4000;

/**
 * Whether the network, or a machine on the way, ended a connection, and not the member at its other end. A message that a
 * secure layer cannot decrypt was changed on the way; the other end of that connection sees the code of a violation.
 * @param end of the connection below the link
 * @param closing the code of this end's own close, if it has said its last word
 */
export function isBreak({ reason, code }: ChannelEnd, closing: number | undefined): boolean {
  // The answer to a close has its code, and not always its words.
  if (reason === 'goodbye' || code === closing) return false;
  return reason === 'violation' || code === VIOLATION_CODE || code < FIRST_OWN_CODE;
}
