/** What every process of an organisation begins with: its home, settings, identity, peers, and where it writes things down. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  fingerprintOfDeviceId,
  type Identity,
  openPeers,
  type Peer,
  type PeersFile,
  readIdentity,
} from '@tacit/identity';
import { compileKernels } from '@tacit/ring';
import { AuditLog } from '../audit/audit-log.js';
import type { Given } from '../config/environment.js';
import { loadConfig } from '../config/load.js';
import type { DaemonConfig } from '../config/schema.js';
import { packageFile } from '../location.js';
import { createLog, type Log } from '../operate/log.js';

/** An organisation, as one of its processes sees it. */
export interface Organisation {
  readonly home: string;
  readonly config: DaemonConfig;
  readonly identity: Identity;
  /** What it calls itself. */
  readonly name: string;
  readonly peers: PeersFile;
  readonly audit: AuditLog;
  readonly log: Log;
  /** Of this software. */
  readonly version: string;
  /** The compiled kernels, for all threads. */
  kernels(): Promise<WebAssembly.Module>;
}

/** How a process is started. */
export interface OrganisationOptions {
  readonly home?: string | undefined;
  readonly configFile?: string | undefined;
  readonly flags?: readonly Given[];
}

/**
 * Opens the home of an organisation.
 * @param options where it is, and flags of the command line
 * @returns everything that its processes need
 * @throws ConfigError, IdentityError, PeersFileError, FileError
 */
export async function openOrganisation(options: OrganisationOptions): Promise<Organisation> {
  const { home, config, warnings } = await loadConfig({
    home: options.home,
    file: options.configFile,
    flags: options.flags,
  });
  const identity = readIdentity(home);
  const name = config.name ?? identity.name;
  const log = createLog({ ...config.log });
  for (const warning of warnings) log.warn({}, warning);
  useProxy(config);
  const audit = new AuditLog({
    path: join(home, 'audit.log'),
    publicArguments: config.audit.arguments === 'text',
    maxBytes: config.audit.size,
  });
  let kernels: Promise<WebAssembly.Module> | undefined;
  return {
    home,
    config,
    identity,
    name,
    peers: openPeers(home),
    audit,
    log,
    version: version(),
    kernels: () => {
      kernels ??= compileKernels();
      return kernels;
    },
  };
}

/** All that is dialed asks the environment for the proxy; a setting goes before it. */
function useProxy({ proxy }: DaemonConfig): void {
  if (proxy === undefined) return;
  if (proxy === 'none') process.env.NO_PROXY = '*';
  else Object.assign(process.env, { HTTPS_PROXY: proxy, HTTP_PROXY: proxy });
}

/**
 * The fingerprints of a peer.
 * @param peer of peers.yaml
 * @returns one, or more while a certificate is replaced
 */
export const fingerprintsOf = ({ ids }: Peer): string[] => ids.map(fingerprintOfDeviceId);

function version(): string {
  const manifest = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
