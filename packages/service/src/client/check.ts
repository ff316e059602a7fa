/** What a caller gives `connect`, before anything is dialed. */
import { ArgumentError } from '@tacit/errors';
import { ServiceInviteError } from '../errors.js';
import { type ModelInvite, parseModelInvite, toHex } from '../shared/invite.js';
import type { ConnectOptions } from './types.js';

const KNOWN = ['signal', 'onProgress', 'inputShapes', 'waitMs', 'dealerKey', 'trial'];

/**
 * Reads the invite, and whether the caller accepts its dealer.
 * @param text of the invite
 * @param options of `connect`
 * @param more names of further options
 * @returns what it says
 * @throws ServiceInviteError, ArgumentError
 */
export function checkedInvite(
  text: string,
  options: ConnectOptions,
  more: readonly string[] = [],
): ModelInvite {
  if (typeof text !== 'string')
    throw new ArgumentError("connect takes an invite, a text that begins with 'tacit:1:'");
  for (const name of Object.keys(options))
    if (![...KNOWN, ...more].includes(name))
      throw new ArgumentError(`connect has no option '${name}'; it has ${[...KNOWN, ...more].join(', ')}`);
  const invite = parseModelInvite(text);
  if (options.dealerKey !== undefined && options.dealerKey.toLowerCase() !== toHex(invite.dealerKey))
    throw new ServiceInviteError('the dealer of this invite is not the one that dealerKey names');
  if (invite.ownDealer && options.trial !== true)
    throw new ServiceInviteError(
      'the dealer of this invite is run by the service itself, which could see everything: for trying out, connect with { trial: true }',
    );
  return invite;
}
