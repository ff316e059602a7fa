// The model's owner: an identity of its own, a dealer that it knows by its device ID, and the service.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openOrganisation } from '@tacit/daemon/processes';
import { createIdentity, openPeers } from '@tacit/identity';
import { startService } from '@tacit/service';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Starts the dealer's process and the service; both know each other's identity, as after `tacit join`. */
export async function startOwner() {
  const home = await mkdtemp(join(tmpdir(), 'browser-digits-owner-'));
  const { deviceId } = await createIdentity(home, { name: 'owner' });
  const dealer = fork(here('dealer.mjs'), [deviceId]);
  const gone = once(dealer, 'exit').then(([code]) => {
    throw new Error(`the dealer has ended with code ${code}`);
  });
  gone.catch(() => {});
  const [dealing] = await Promise.race([once(dealer, 'message'), gone]);
  await writeFile(
    join(home, 'config.yaml'),
    'guests: { listen: { host: 127.0.0.1, port: 0 }, origins: ["*"] }\nlog: { level: warn }\n',
  );
  openPeers(home).add({ name: 'dealer', ids: [dealing.deviceId], address: dealing.address, role: 'dealer' });
  const service = await startService({
    organisation: await openOrganisation({ home }),
    models: [{ name: 'digits', file: here('../../fixtures/mnist_cnn_bn/model.onnx') }],
    dealer: 'dealer',
  });
  return {
    address: service.address,
    dealer: { pid: dealer.pid, address: dealing.address },
    invite: () =>
      service.invite({
        model: 'digits',
        label: 'browser-digits',
        expiresInMs: 3_600_000,
        quota: { sessionsAtOnce: 8 },
      }),
    close: async () => {
      await service.lifecycle.drain();
      await service.close();
      if (dealer.connected) dealer.disconnect();
      await rm(home, { recursive: true, force: true });
    },
  };
}
