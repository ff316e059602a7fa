// Network namespaces of Linux, one a member, joined by a bridge, with the delays of `tc netem`. Only root has them.
import { spawnSync } from 'node:child_process';

function ip(...words) {
  run('ip', words);
}

function run(command, words) {
  const { status, stderr, error } = spawnSync(command, words, { encoding: 'utf8' });
  if (error || status !== 0)
    throw new Error(
      `${command} ${words.join(' ')}: ${error?.message ?? stderr.trim()}. ` +
        'This takes root, iproute2 and a kernel with sch_netem; without --netns it takes none of them',
    );
}

/**
 * A namespace for each name. What each one sends is late by `delayMs` and has a bandwidth of `megabits`.
 * @returns their addresses, options by which `fork` starts a process inside, and how to remove them
 */
export function openNamespaces(names, { delayMs, megabits }) {
  const tag = `t${process.pid % 100_000}`;
  const bridge = `${tag}b`;
  const spaces = names.map((_, i) => `${tag}n${i}`);
  const hosts = names.map((_, i) => `10.213.77.${i + 1}`);
  const close = () => {
    for (const space of spaces) spawnSync('ip', ['netns', 'delete', space]);
    spawnSync('ip', ['link', 'delete', bridge]);
  };
  try {
    ip('link', 'add', bridge, 'type', 'bridge');
    ip('link', 'set', bridge, 'up');
    for (const [i, space] of spaces.entries()) {
      const [outer, inner] = [`${tag}o${i}`, `${tag}i${i}`];
      ip('netns', 'add', space);
      ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner);
      ip('link', 'set', outer, 'master', bridge, 'up');
      ip('link', 'set', inner, 'netns', space);
      ip('-n', space, 'address', 'add', `${hosts[i]}/24`, 'dev', inner);
      ip('-n', space, 'link', 'set', inner, 'up');
      ip('-n', space, 'link', 'set', 'lo', 'up');
      const shape = ['netem', 'delay', `${delayMs}ms`, 'rate', `${megabits}mbit`, 'limit', '20000'];
      run('ip', ['netns', 'exec', space, 'tc', 'qdisc', 'add', 'dev', inner, 'root', ...shape]);
    }
  } catch (error) {
    close();
    throw error;
  }
  const within = (rank) => ({
    execPath: 'ip',
    execArgv: ['netns', 'exec', spaces[rank], process.execPath],
  });
  return { hosts, within, close };
}
