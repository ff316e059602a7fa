// Networks of organisations on one machine: a namespace for each host, a cable from each member to the relay, and no way
// from one member to another. Needs Linux, root and iproute2.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';

const run = (command, ...args) =>
  execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'] }).toString();

/** Why there can be no namespaces here, or undefined. */
export function whyNoNamespaces() {
  if (process.platform !== 'linux') return 'network namespaces need Linux';
  if (process.getuid() !== 0) return 'network namespaces need root';
  try {
    run('ip', 'netns', 'add', 'tacit-probe');
    run('ip', 'netns', 'del', 'tacit-probe');
  } catch (error) {
    return `ip netns does not work here (Debian: apt-get install iproute2): ${error.message.split('\n')[0]}`;
  }
}

/**
 * Makes namespaces: one for the relay, one for each member.
 * @param relay the name of the host that all others reach
 * @param members names of the others
 * @returns `inside(name)`: what to put before a command so that it runs there; `addressOf(name)`; `close()`
 */
export function makeNetwork(relay, members) {
  const names = [relay, ...members];
  const space = (name) => `tacit-${process.pid}-${name}`;
  const addressOf = (name) => `10.77.${members.indexOf(name) + 1}.2`;
  const gatewayOf = (name) => `10.77.${members.indexOf(name) + 1}.1`;
  const close = () => {
    for (const name of names) {
      rmSync(`/etc/netns/${space(name)}`, { recursive: true, force: true });
      try {
        run('ip', 'netns', 'del', space(name));
      } catch {
        // It was not made, or is gone.
      }
    }
  };
  try {
    for (const name of names) {
      run('ip', 'netns', 'add', space(name));
      run('ip', '-n', space(name), 'link', 'set', 'lo', 'up');
    }
    members.forEach((name, i) => {
      const [near, far] = [`t${process.pid % 100_000}m${i}`, `t${process.pid % 100_000}r${i}`];
      run(
        'ip',
        'link',
        'add',
        near,
        'netns',
        space(name),
        'type',
        'veth',
        'peer',
        'name',
        far,
        'netns',
        space(relay),
      );
      for (const [host, device, address] of [
        [name, near, addressOf(name)],
        [relay, far, gatewayOf(name)],
      ]) {
        run('ip', '-n', space(host), 'address', 'add', `${address}/24`, 'dev', device);
        run('ip', '-n', space(host), 'link', 'set', device, 'up');
      }
      // Each member finds the relay by name, at its own end of the cable.
      mkdirSync(`/etc/netns/${space(name)}`, { recursive: true });
      writeFileSync(
        `/etc/netns/${space(name)}/hosts`,
        `127.0.0.1 localhost\n${gatewayOf(name)} ${relay}.example\n`,
      );
    });
  } catch (error) {
    close();
    throw error;
  }
  return {
    inside: (name) => ['ip', 'netns', 'exec', space(name)],
    addressOf,
    /** What listens in a namespace, as `ss` prints it. */
    listening: (name) => run('ip', 'netns', 'exec', space(name), 'ss', '-ltnH').trim(),
    close,
  };
}
