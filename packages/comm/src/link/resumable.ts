/** Resumable links as a layer of a group: the greeting over each connection, at the dialing and the listening end. */

import { abortable } from '../abortable.js';
import type { Channel } from '../channel/channel.js';
import { HandshakeError, PeerUnreachableError } from '../errors.js';
import { REFUSALS } from '../secure/secure-layer.js';
import { freshLinkId, readLinkState, sendLinkState } from './link-greeting.js';
import type { Arriving, Attempts, LinkLayer } from './link-layer.js';
import { patienceOf, type ResumeSettings } from './link-settings.js';
import { type Failed, ResumableLink } from './resumable-link.js';

/**
 * Links that outlive broken connections: a member is gone only if it does not come back within `graceMs`, and until then
 * nothing is lost, doubled or out of order.
 * @param settings the grace time, how much may be sent in it, and when a silent connection is replaced
 * @returns for the option `links` of a transport
 * @example webSocketTransport({ ...group, links: resumable({ graceMs: 60_000 }) })
 * @throws CommArgumentError on a time that is not positive
 */
export function resumable(settings: ResumeSettings): LinkLayer {
  const { graceMs, silentMs, deadAfterMs } = patienceOf(settings);
  const limitMs = Math.max(graceMs, deadAfterMs);
  return {
    dial: async (connect, signal, timeoutMs) => {
      let made = false;
      const attach = async (
        link: ResumableLink,
        during: AbortSignal,
        ms: number,
        attempts?: Attempts,
      ): Promise<void> => {
        const greet = async (channel: Channel) => {
          sendLinkState(channel, { id: link.id, received: link.received, made });
          return { channel, received: (await readLinkState(channel)).received };
        };
        const { channel, received } = await connect(greet, during, ms, attempts);
        made = true;
        link.attach(channel, received);
      };
      const link = new ResumableLink({
        ...settings,
        id: freshLinkId(),
        redial: (broken, during, onFailed) =>
          untilRefused(during, onFailed, () =>
            attach(broken, during, limitMs, { limitMs: silentMs, onFailed, resuming: true }),
          ),
      });
      await attach(link, signal, timeoutMs);
      return link;
    },
    accept: (joined, signal, timeoutMs) => acceptLinks(settings, joined, signal, timeoutMs),
  };
}

/**
 * Tries again where the other end has proved before who it is: a proof that fails now was changed on the way, or comes
 * from somebody else, and neither makes the member that is meant a liar. That it has no such link or session any more is
 * final: a process that was started again never has.
 */
async function untilRefused(
  signal: AbortSignal,
  onFailed: Failed,
  attempt: () => Promise<void>,
): Promise<void> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      await attempt();
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HandshakeError) || FINAL.includes(error.reason)) throw error;
      onFailed(error.message);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** `dial` lets the second of them through only from whoever has proved by its certificate to be the member. */
const FINAL = ['link lost', 'unknown session'];
const FIRST_PAUSE_MS = 30;
const LONGEST_PAUSE_MS = 1000;

/** Makes a link with each member that joined; one whose connection breaks meanwhile comes again. */
function acceptLinks(
  settings: ResumeSettings,
  joined: Arriving,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<ReadonlyMap<number, Channel>> {
  return abortable(signal, (resolve, reject) => {
    const links = new Map<number, ResumableLink>();
    const timer = setTimeout(() => {
      const absent = [...joined.channels.keys()].find((peer) => !links.has(peer)) ?? -1;
      reject(new PeerUnreachableError(absent, 'this hub', timeoutMs, 'it made no link'));
    }, timeoutMs);
    const onArrival = async (from: number, channel: Channel): Promise<void> => {
      await arrived(settings, links, from, channel);
      if (links.size === joined.channels.size) resolve(links);
    };
    joined.onReturn(onArrival);
    for (const [from, channel] of joined.channels) void onArrival(from, channel);
    return () => clearTimeout(timer);
  });
}

/**
 * A member has connected, for the first time or again. One that has lost its link, since it was started again, is
 * refused; where its old connection is known to be broken, that is the end of the link.
 */
async function arrived(
  settings: ResumeSettings,
  links: Map<number, ResumableLink>,
  from: number,
  channel: Channel,
): Promise<void> {
  try {
    const { id, received, made } = await readLinkState(channel);
    const link = links.get(from);
    if (link === undefined && !made) {
      const fresh = new ResumableLink({ ...settings, id });
      links.set(from, fresh);
      sendLinkState(channel, { id, received: 0, made: true });
      fresh.attach(channel, received);
    } else if (link !== undefined && link.ended === undefined && id === link.id) {
      // Nothing may come in by the old connection once the count is told.
      link.detach();
      sendLinkState(channel, { id, received: link.received, made: true });
      link.attach(channel, received);
    } else {
      channel.close(REFUSALS['link lost'], 'link lost');
      if (!made && id !== link?.id && link?.connected === false)
        link.fail('disconnected', 'it was started again and has lost its state');
    }
  } catch {
    channel.destroy(); // The other end dials again.
  }
}
