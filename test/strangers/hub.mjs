// Two hubs, one unencrypted with Noise and one with TLS, each with a session of two members that talk all the time.
// Started by crowd.ts with a channel to it and --expose-gc: tells the ports, and on request how it is.
import { Communicator } from '@tacit/comm';
import { noise } from '@tacit/comm/noise';
import { resumable } from '@tacit/comm/resumable';
import { fingerprintOf, identityOpener, pinned } from '@tacit/comm/tls';
import { listen, nodePrimitives, webSocketTransport } from '@tacit/comm/websocket';

const [alice, bob] = JSON.parse(process.env.IDENTITIES);
const token = crypto.getRandomValues(new Uint8Array(32));
const fingerprints = [alice, bob].map(({ certificate }) => [fingerprintOf(certificate)]);
const certified = (identity) => ({
  secure: pinned({ fingerprints, token }),
  open: identityOpener({ identity, fingerprints: () => fingerprints.flat() }),
});
const sealed = { secure: noise({ token, primitives: nodePrimitives }) };

const sessions = await Promise.all(
  [
    { listening: {}, members: [sealed, sealed] },
    { listening: { identity: alice }, members: [certified(alice), certified(bob)] },
  ].map(async ({ listening, members }) => {
    const hub = await listen({ ...listening, helloTimeoutMs: 1000 });
    const group = {
      size: 2,
      addresses: [hub.address, ''],
      sessionId: 'talk',
      links: resumable({ graceMs: 5000 }),
    };
    const comms = await Promise.all(
      members.map(
        async (link, rank) =>
          new Communicator(
            await webSocketTransport({ ...group, ...link, rank, hub: rank === 0 ? hub : undefined }),
          ),
      ),
    );
    const session = { hub, rounds: 0, error: undefined };
    const talk = async () => {
      for (;;) {
        await Promise.all(comms.map((comm) => comm.allGather('round', new Uint8Array(100))));
        session.rounds++;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    talk().catch((error) => {
      session.error = String(error);
    });
    return session;
  }),
);

process.on('message', async () => {
  // What has just been closed is let go in later turns.
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    globalThis.gc();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send({
    used: heapUsed + external,
    rss,
    sessions: sessions.map(({ rounds, error, hub }) => ({ rounds, error, stats: hub.stats })),
  });
});
process.on('disconnect', () => process.exit());
process.send({ ports: sessions.map(({ hub }) => hub.port) });
