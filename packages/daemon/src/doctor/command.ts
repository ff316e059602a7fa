/** `tacit doctor [PEERS…]`. */
import { positive } from '@tacit/cli-kit';
import { type Command, InvalidArgumentError } from 'commander';

interface Flags {
  readonly home?: string;
  readonly idle?: number;
  readonly timeout: number;
  readonly json?: boolean;
}

const EXAMPLES = `
Checks this side (home, identity, configuration, programs, ports), then the way to each peer: its name, TCP, the HTTP proxy,
who ends TLS, the pinned certificate, release and clock of the other side, round-trip time, bandwidth, the largest message,
proxies that hold messages back. Peers have to run 'tacit party', 'tacit dealer' or 'tacit run' meanwhile; they see nothing of
it but a few megabytes.

Exit code 0 without a problem, warnings or not; 1 with one.

Examples:
  tacit doctor
  tacit doctor bob --idle 90s
  tacit doctor --json > doctor.json
`;

/**
 * Adds `tacit doctor`.
 * @param program the command `tacit`
 */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check a set-up from end to end, and say what to change')
    .argument('[PEERS...]', 'names of the peers to check (default: all)')
    .option('--home <DIR>', 'home folder (default: TACIT_HOME or ~/.tacit)')
    .option(
      '--idle <DURATION>',
      'also be silent for so long, e.g. 90s, and see whether the connection is still there',
      idleOf,
    )
    .option('--timeout <SECONDS>', 'how long one probe may take', positive(3600), 10)
    .option('--json', 'print as JSON')
    .option('--debug', 'show stacks of errors')
    .addHelpText('after', EXAMPLES)
    .action(doctor);
}

/** At most as long as a daemon lets a diagnosis be silent. */
function idleOf(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?) ?(ms|s|m)$/.exec(text) ?? [];
  const ms = Number(number) * ({ ms: 1, s: 1000, m: 60_000 }[unit] ?? Number.NaN);
  if (!(ms > 0 && ms <= 14 * 60_000))
    throw new InvalidArgumentError('It must be a duration such as 90s, at most 14m.');
  return ms;
}

async function doctor(peers: string[], { home, idle, timeout, json }: Flags): Promise<void> {
  const { printDoctor } = await import('./print-doctor.js');
  const ok = await printDoctor({ home, only: peers, idleMs: idle, limitMs: timeout * 1000 }, json === true);
  if (!ok) process.exitCode = 1;
}
