/** `tacit relay` */
import type { Given } from '../config/environment.js';
import { loadConfig } from '../config/load.js';
import { handleSignals } from '../operate/lifecycle.js';
import { createLog } from '../operate/log.js';
import { startRelayProcess } from '../processes/relay.js';
import { listenSettings, type RelayFlags } from './flags.js';

/**
 * Runs until a signal ends it.
 * @param flags of the command line
 */
export async function relay(flags: RelayFlags): Promise<void> {
  const { config } = await loadConfig({ home: flags.home, file: flags.config, flags: settingsOf(flags) });
  const log = createLog(config.log);
  const { relay: running, lifecycle, close } = await startRelayProcess(config, log);
  handleSignals({
    lifecycle,
    onDrain: (signal) => log.info({ op: 'drain', signal }, 'takes no new connections and ends'),
    close,
  });
  process.stdout.write(`relay  ${running.address}\n`);
}

function settingsOf({ listen, name, plain, tlsKey, tlsCertificate, allow }: RelayFlags): Given[] {
  const given = listenSettings(listen, ['relayServer', 'listen']);
  const put = (source: string, path: readonly string[], value: unknown): void => {
    if (value !== undefined) given.push({ path: ['relayServer', ...path], source, value });
  };
  put('--plain', ['listen', 'plain'], plain);
  put('--name', ['names'], name);
  put('--tls-key', ['tls', 'key'], tlsKey);
  put('--tls-certificate', ['tls', 'certificate'], tlsCertificate);
  put('--allow', ['allow'], allow?.length === 1 && allow[0] === 'anyone' ? 'anyone' : allow);
  return given;
}
