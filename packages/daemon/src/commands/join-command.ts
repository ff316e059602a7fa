/** `tacit join` */
import { text } from 'node:stream/consumers';
import { interruptible, note } from '@tacit/cli-kit';
import { relayedAddress } from '@tacit/comm/relay';
import { reachable } from '../processes/addresses.js';
import { joinPeer } from '../processes/join.js';
import { openOrganisation } from '../processes/organisation.js';
import { SessionCancelledError } from '../session-errors.js';
import { type JoinFlags, settingsOf } from './flags.js';

/**
 * Uses an invite, and says who the new peer is.
 * @param invite as it was pasted, or `-`
 * @param flags of the command line
 */
export async function join(invite: string, flags: JoinFlags): Promise<void> {
  const { wait, address } = flags;
  const organisation = await openOrganisation({
    home: flags.home,
    configFile: flags.config,
    flags: settingsOf({ wait, address }),
  });
  const { config, identity } = organisation;
  const own = reachable(config);
  const pasted = invite === '-' ? await text(process.stdin) : invite;
  const peer = await interruptible(
    (signal) =>
      joinPeer({
        organisation,
        invite: pasted,
        as: flags.as,
        role: flags.role,
        address: own && ('address' in own ? own.address : relayedAddress(own.relay, identity.fingerprint)),
        waitMs: config.session.wait,
        signal,
        say: note,
      }),
    () => new SessionCancelledError(organisation.name),
  );
  const { name, ids, address: there } = peer;
  process.stdout.write(`paired  ${name}  ${ids.join(' ')}  ${there}\n`);
  if (own === undefined)
    note(
      `${name} cannot reach this organisation: no address or relay is set, so it can only be dialed from here`,
    );
}
