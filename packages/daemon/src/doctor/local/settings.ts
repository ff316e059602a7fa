/** Configuration: whether it is correct, and what goes together in it only at first sight. */
import { type LoadedConfig, loadConfig } from '../../config/load.js';
import type { DaemonConfig } from '../../config/schema.js';
import { type Finding, type Found, ok, problem, warning } from '../finding.js';

/**
 * Reads the settings.
 * @param home the folder
 * @param env of the process
 * @returns the settings, where they are correct, and what is so
 */
export async function checkSettings(
  home: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly findings: readonly Finding[]; readonly config?: DaemonConfig }> {
  const about = (found: Found): Finding => ({ check: 'config', ...found });
  let loaded: LoadedConfig;
  try {
    loaded = await loadConfig({ home, env });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { findings: [about(problem(text, 'correct the setting; tacit config show lists all'))] };
  }
  const { config, file, warnings } = loaded;
  const findings = warnings.map((text) =>
    about(warning(text, 'correct the name of the variable, or unset it')),
  );
  findings.push(...contradictions(config).map(about));
  if (findings.length === 0)
    findings.push(about(ok(file === undefined ? 'no config.yaml: defaults' : `${file} is correct`)));
  return { findings, config };
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;

function contradictions({ listen, address, relay }: DaemonConfig): Found[] {
  const found: Found[] = [];
  const local = listen !== undefined && LOOPBACK.test(listen.host);
  const named = address === undefined ? undefined : new URL(address).hostname.replace(/^\[(.*)\]$/, '$1');
  if (local && !listen.plain && named !== undefined && !LOOPBACK.test(named))
    found.push(
      warning(
        `others are told ${address}, and this side listens on ${listen.host} only`,
        `set listen.host to 0.0.0.0, or to the address of this machine; with a proxy on this machine, set listen.plain`,
      ),
    );
  if (listen && !local && listen.host === '0.0.0.0' && address === undefined && relay === undefined)
    found.push(
      warning(
        'this side listens on all addresses, and does not know by which name others reach it',
        "set 'address' to what others dial, such as wss://alice.example:7700",
      ),
    );
  if (address?.startsWith('wss:') && listen?.plain === false && listen.port === 0)
    found.push(
      warning(
        'listen.port is 0, so the port changes at every start, and address names one',
        'set listen.port to a number of your own',
      ),
    );
  return found;
}
