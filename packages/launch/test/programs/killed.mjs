// A member is killed in the middle: killed.mjs TRANSPORT RANK. In threads, the party ends itself.
import { runMultiprocess } from '@tacit/launch';

const [, , transport, victim] = process.argv;
const pids = new Map();
let reached = false;
const onEvent = (event) => {
  if (event.type === 'started') pids.set(event.rank, event.pid);
  if (event.type === 'notice' && !reached) {
    reached = true;
    if (transport === 'ws') process.kill(pids.get(Number(victim)), 'SIGKILL');
  }
};
try {
  await runMultiprocess(
    { worldSize: 2, transport, onEvent, timeoutMs: 8000 },
    import.meta.url,
    async (party) => {
      const x = party.cryptensor([1, 2, 3], { src: 0 });
      for (let i = 0; ; i++) {
        if (i === 5 && party.rank === 0) party.notify('in the middle');
        if (i === 8 && transport === 'threads' && party.rank === Number(victim)) process.exit(7);
        await x.relu().getPlainText();
      }
    },
  );
} catch (error) {
  const { code, rank, message, exitCode, signal } = error;
  const running = [...pids.values()].filter((pid) => {
    if (pid === process.pid) return false;
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  });
  console.log(JSON.stringify({ code, rank, message, exitCode, signal, running }));
}
