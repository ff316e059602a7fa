/** The first messages of a diagnosis: whether the daemon at the other end knows this side, and lets itself be asked. */
import { type Channel, ChannelEndedError, readMessage } from '@tacit/comm/layers';
import * as v from 'valibot';
import { objectIn, Refuse } from './protocol.js';

/** The version of control channels. */
export const CONTROL_VERSION = 1;

const Welcome = v.object({
  type: v.literal('welcome'),
  version: v.number(),
  release: v.optional(v.pipe(v.string(), v.maxLength(64))),
});

/** Why a daemon that was reached does not let itself be asked. */
export type NotBegun =
  /** It does not know the certificate of this side. */
  | 'stranger'
  /** Its control channels are of another version, or it knows no diagnosis: another release. */
  | 'version'
  | 'refused';

/** A daemon was reached, and does not let itself be asked. */
export class NotBegunError extends Error {
  constructor(
    readonly why: NotBegun,
    message: string,
    /** What it said of its release, if it did. */
    readonly release?: string | undefined,
  ) {
    super(message);
    this.name = 'NotBegunError';
  }
}

/**
 * Asks for a diagnosis.
 * @param channel fresh, with a binding
 * @throws NotBegunError, ChannelEndedError
 */
export async function beginDiagnosis(channel: Channel): Promise<void> {
  channel.send(JSON.stringify({ type: 'control', version: CONTROL_VERSION }));
  const first = await said(channel);
  const welcome = v.safeParse(Welcome, first);
  if (!welcome.success) throw refusedOr('version', first);
  channel.authenticated?.();
  const { version, release } = welcome.output;
  if (version !== CONTROL_VERSION)
    throw new NotBegunError(
      'version',
      `its control channels are of version ${version}, ours of ${CONTROL_VERSION}`,
      release,
    );
  // Only peers hear of the release.
  if (release === undefined)
    throw new NotBegunError('stranger', 'it does not know the device id of this side');
  channel.send(JSON.stringify({ type: 'diagnose' }));
  let answer: object | undefined;
  try {
    answer = await said(channel);
  } catch (error) {
    if (error instanceof ChannelEndedError)
      throw new NotBegunError('version', `it hung up when asked for a diagnosis (${error.message})`, release);
    throw error;
  }
  if (!answer || !('type' in answer) || answer.type !== 'diagnosing')
    throw refusedOr('version', answer, release);
}

async function said(channel: Channel): Promise<object | undefined> {
  const message = await readMessage(channel);
  return typeof message === 'string' ? objectIn(message) : undefined;
}

function refusedOr(why: NotBegun, message: object | undefined, release?: string): NotBegunError {
  const refuse = v.safeParse(Refuse, message);
  if (!refuse.success)
    return new NotBegunError(why, 'it answers what this release does not understand', release);
  const { code, reason } = refuse.output;
  const known = { UNKNOWN_PEER: 'stranger', UNSUPPORTED: 'version' }[code] as NotBegun | undefined;
  return new NotBegunError(known ?? 'refused', `${code}: ${reason}`, release);
}
