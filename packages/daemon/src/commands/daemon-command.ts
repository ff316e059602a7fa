/** `tacit party` and `tacit dealer` without a session file. */
import { interruptible } from '@tacit/cli-kit';
import { handleSignals } from '../operate/lifecycle.js';
import { type Daemon, startDaemon } from '../processes/daemon.js';
import { openOrganisation } from '../processes/organisation.js';
import { SessionCancelledError } from '../session-errors.js';
import { type HomeFlags, type SettingFlags, settingsOf } from './flags.js';

/**
 * Runs until a signal ends it.
 * @param role what it is in sessions
 * @param flags of the command line
 */
export async function runDaemon(role: 'party' | 'dealer', flags: HomeFlags & SettingFlags): Promise<void> {
  const organisation = await openOrganisation({
    home: flags.home,
    configFile: flags.config,
    flags: settingsOf(flags),
  });
  const { log, identity, name } = organisation;
  const daemon: Daemon = await interruptible(
    (signal) => startDaemon(organisation, role, signal),
    () => new SessionCancelledError(name),
  );
  const { lifecycle } = daemon;
  handleSignals({
    lifecycle,
    onDrain: (signal) =>
      log.info({ op: 'drain', signal, count: lifecycle.running }, 'takes no new sessions and ends'),
    close: () => daemon.close(),
  });
  process.stdout.write(`${role} ${name}  ${identity.deviceId}  ${daemon.address}\n`);
  const error = await daemon.lost;
  await lifecycle.drain();
  await daemon.close();
  throw error;
}
