/** `tacit run`, `tacit join`, `tacit relay`, and what `tacit party` and `tacit dealer` do without a session file. */
import { again, names } from '@tacit/cli-kit';
import { type Command, Option } from 'commander';
import {
  type HomeFlags,
  type JoinFlags,
  type RelayFlags,
  type RunFlags,
  type SettingFlags,
  withHome,
  withWaits,
} from './flags.js';

const RUN_EXAMPLES = `
Examples:
  tacit run mean.mjs --with bob --dealer carol
  tacit run predict.mjs --with bob --dealer carol --as predict-v2 -- weights.npz
  tacit run predict.mjs --with bob --tapes             no dealer: see 'tacit deal'

The others' processes ('tacit party', 'tacit dealer') may start before or after. Each decides by its own rules whether it
takes part: its owner has allowed you this program, and its copy has the same hash as yours. The program is a module with
export default async (party, args, context) => result; what it returns here is printed.
`;

const JOIN_EXAMPLES = `
Examples:
  tacit join tacit:1:…                     the other organisation calls itself as it likes; --as gives it another name
  tacit join tacit:1:… --role dealer       it may deal in sessions of this organisation
  tacit join - < invite.txt                the invite is a secret: this keeps it out of the list of processes
`;

/**
 * Adds the commands.
 * @param program the command `tacit`
 */
export function addDaemonCommands(program: Command): void {
  const run = withHome(program.command('run'))
    .description('start a session with other organisations, and take part in it')
    .argument('<PROGRAM>', 'a module with a function (party, args, context) as its default export')
    .argument('[ARGS...]', 'for the program, at all parties')
    .requiredOption('--with <NAME>', 'another party; several by commas, or by giving it again', names)
    .addOption(new Option('--dealer <NAME>', 'who deals').conflicts('tapes'))
    .option('--tapes', "without a dealer: on the tapes of each party's config.yaml")
    .option('--as <NAME>', "what the others call the program (default: the file's name without its ending)")
    .option('--file <KEY=PATH>', 'a file for the program, as context.files.KEY', again);
  withWaits(run, 'the others')
    .addOption(new Option('--quiet', 'say nothing about how it goes'))
    .addHelpText('after', RUN_EXAMPLES)
    .action(async (file: string, args: string[], flags: RunFlags, command: Command) => {
      if (flags.dealer === undefined && !flags.tapes)
        command.error("error: required option '--dealer <NAME>' not specified");
      const { runSession } = await import('./run-command.js');
      await runSession(file, args, flags);
    });

  withHome(program.command('join'))
    .description('pair with another organisation by its invite')
    .argument('<INVITE>', "tacit:1:…, or '-' to read it from the standard input")
    .option('--as <NAME>', 'what you will call the other organisation (default: what it calls itself)')
    .addOption(new Option('--role <ROLE>', 'what it may be in your sessions').choices(['party', 'dealer']))
    .option('--address <ADDRESS>', 'where it can reach you (default: that of config.yaml)')
    .option('--wait <TIME>', 'how long to wait for it (default: session.wait)')
    .addHelpText('after', JOIN_EXAMPLES)
    .action(async (invite: string, flags: JoinFlags) => {
      const { join } = await import('./join-command.js');
      await join(invite, flags);
    });

  withHome(program.command('relay'))
    .description('join the connections of organisations that only dial out; sees neither keys nor messages')
    .option('--listen <HOST:PORT>', 'where to listen (default: relayServer.listen)')
    .option('--name <HOST>', 'a host name by which members dial it; several by commas', names)
    .option('--plain', 'ws: without TLS, behind a proxy that ends it')
    .option('--tls-key <FILE>', 'key of its certificate, PEM')
    .option('--tls-certificate <FILE>', 'its certificate with the chain, PEM')
    .option('--allow <DEVICE-ID>', "who may use it, or 'anyone'; several by commas", names)
    .action(async (flags: RelayFlags) => {
      const { relay } = await import('./relay-command.js');
      await relay(flags);
    });
}

/**
 * What `tacit party` and `tacit dealer` do without a session file.
 * @param role which of the two
 * @param flags that were given
 */
export async function startDaemonCommand(
  role: 'party' | 'dealer',
  flags: HomeFlags & SettingFlags,
): Promise<void> {
  const { runDaemon } = await import('./daemon-command.js');
  await runDaemon(role, flags);
}

/**
 * Where an organisation is reached, by its settings; for `tacit invite`.
 * @param home the folder
 * @returns an address or a relay; undefined where no setting says so
 */
export async function reachableAt(
  home: string,
): Promise<{ address: string } | { relay: string } | undefined> {
  const { loadConfig } = await import('../config/load.js');
  const { reachable } = await import('../processes/addresses.js');
  return reachable((await loadConfig({ home })).config);
}
