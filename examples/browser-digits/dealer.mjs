// The dealer: an organisation of its own, in a process of its own. It hands out correlated random numbers and receives
// nothing of what is computed. Argument: the device ID of the model's owner, for whom it deals.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openOrganisation, startDaemon } from '@tacit/daemon/processes';
import { createIdentity, openPeers } from '@tacit/identity';

const [owner] = process.argv.slice(2);
const home = await mkdtemp(join(tmpdir(), 'browser-digits-dealer-'));
const { deviceId } = await createIdentity(home, { name: 'dealer' });
await writeFile(
  join(home, 'config.yaml'),
  [
    'listen: { host: 127.0.0.1, port: 0 }',
    'guests: { listen: { host: 127.0.0.1, port: 0 }, origins: ["*"] }',
    'limits: { sessionsAtOnce: 20, proposalsPerMinute: 600 }',
    'log: { level: warn }',
    '',
  ].join('\n'),
);
openPeers(home).add({ name: 'owner', ids: [owner], programs: [{ name: '*' }] });
const ending = new AbortController();
const daemon = await startDaemon(await openOrganisation({ home }), 'dealer', ending.signal);
process.send({ deviceId, address: daemon.address });

process.once('disconnect', async () => {
  await daemon.lifecycle.drain();
  await daemon.close();
  await rm(home, { recursive: true, force: true });
  process.exit();
});
