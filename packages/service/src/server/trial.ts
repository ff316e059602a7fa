/**
 * A service for trying out: with an organisation of its own in a temporary folder, and a dealer in the same process. Whoever
 * runs it could see everything that clients ask. Its invites say so, and clients refuse them unless they are told not to.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openOrganisation, startDaemon } from '@tacit/daemon/processes';
import { createIdentity, openPeers } from '@tacit/identity';
import { type Service, type ServiceOptions, startService } from './service.js';

export interface TrialOptions extends Omit<ServiceOptions, 'organisation' | 'dealer' | 'ownDealer'> {
  /** Where clients reach the service. Default 127.0.0.1 and any free port. */
  readonly listen?: { readonly host?: string; readonly port?: number };
  /** Origins of pages that may connect. Default all. */
  readonly origins?: readonly string[];
  /** Of the log. Default silent. */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/**
 * Starts a service and a dealer, in private to nobody: for trying out, demonstrations and tests.
 * @param options which models
 * @returns the service; `close` removes all traces
 * @throws what starting a service throws
 * @example
 * const service = await startTrial({ models: [{ name: 'digits', file: 'digits.onnx' }] });
 * const model = await connect(await service.invite({ model: 'digits' }), { trial: true });
 */
export async function startTrial(options: TrialOptions): Promise<Service> {
  const { listen = {}, origins = ['*'], logLevel = 'silent', ...rest } = options;
  const { host = '127.0.0.1', port = 0 } = listen;
  const folder = await mkdtemp(join(tmpdir(), 'tacit-trial-'));
  const [home, dealerHome] = [join(folder, 'service'), join(folder, 'dealer')];
  const signal = options.signal ?? new AbortController().signal;
  const sessions = options.sessions ?? 16;
  const guests = (at: number) => JSON.stringify({ listen: { host, port: at }, origins });
  const limits = JSON.stringify({ sessionsAtOnce: sessions + 4, proposalsPerMinute: 100_000 });
  const flags = [{ path: ['log', 'level'], source: 'trial', value: logLevel }];
  let closeDealer: (() => Promise<void>) | undefined;
  const clean = async (): Promise<void> => {
    await closeDealer?.();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [own, dealing] = await Promise.all([
      createIdentity(home, { name: 'trial' }),
      createIdentity(dealerHome, { name: 'trial-dealer' }),
    ]);
    await writeFile(join(home, 'config.yaml'), `guests: ${guests(port)}\nlimits: ${limits}\n`);
    await writeFile(
      join(dealerHome, 'config.yaml'),
      `listen: { host: 127.0.0.1, port: 0 }\nguests: ${guests(0)}\nlimits: ${limits}\n`,
    );
    openPeers(dealerHome).add({ name: 'trial', ids: [own.deviceId], programs: [{ name: '*' }] });
    const dealer = await startDaemon(await openOrganisation({ home: dealerHome, flags }), 'dealer', signal);
    closeDealer = async () => {
      await dealer.lifecycle.drain();
      await dealer.close();
    };
    openPeers(home).add({
      name: 'trial-dealer',
      ids: [dealing.deviceId],
      address: dealer.address,
      role: 'dealer',
    });
    const service = await startService({
      ...rest,
      organisation: await openOrganisation({ home, flags }),
      dealer: 'trial-dealer',
      ownDealer: true,
    });
    return {
      address: service.address,
      models: service.models,
      lifecycle: service.lifecycle,
      invite: (wanted) => service.invite(wanted),
      get clients() {
        return service.clients;
      },
      close: async () => {
        await service.lifecycle.drain();
        await service.close();
        await clean();
      },
    };
  } catch (error) {
    await clean();
    throw error;
  }
}
