/** `tacit invite`: one line that another organisation pastes once. */
import { table } from '@tacit/cli-kit';
import { type Command, Option } from 'commander';
import {
  type AddressFlags,
  duration,
  type RoleFlags,
  type RuleFlags,
  ruleOf,
  withAddress,
  withHome,
  withRole,
  withRule,
} from './options.js';
import { note, printJson } from './print.js';

/** Where an organisation is reached: one of the two. */
export interface Reachable {
  readonly address?: string;
  readonly relay?: string;
}

interface Flags extends AddressFlags, RoleFlags, RuleFlags {
  readonly home?: string;
  readonly program?: string;
  readonly expires: number;
  readonly replace?: boolean;
  readonly list?: boolean;
  readonly withdraw?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  tacit invite bob --address wss://alice.example:7700 --program predict --file predict.mjs --quota 1000/day
  tacit invite carol --relay wss://relay.example --role dealer --expires 12h
  tacit invite bob --address wss://dealer.example:7700 --program '*'      where 'tacit dealer' runs: it deals for any
  tacit invite bob --relay wss://relay.example --replace      bob lost its key
  tacit invite --list
  tacit invite bob --withdraw

The line is printed to standard output and nowhere else. Whoever has it first becomes the peer: send it by a way that both
trust. It works once, until it expires, while 'tacit party' (or 'tacit dealer') runs here.
`;

export function addInvite(
  program: Command,
  reachable?: (home: string) => Reachable | undefined | Promise<Reachable | undefined>,
): void {
  withHome(
    withRule(
      withRole(
        withAddress(
          program
            .command('invite')
            .description('make a line by which another organisation pairs with this one, once')
            .argument('[NAME]', 'what you will call the other organisation'),
          'this organisation',
        ),
      ).option('--program <NAME>', "what the other organisation may start here; '*' is any, for a dealer"),
    )
      .addOption(
        new Option('--expires <TIME>', 'how long it can be used, as 30m, 12h or 7d')
          .argParser(duration)
          .default(7 * 86_400_000, '7d'),
      )
      .option('--replace', 'whoever uses it takes the place of the peer of that name')
      .addOption(new Option('--list', 'show invites, without their secrets').conflicts('withdraw'))
      .option('--withdraw', 'take back the invites for NAME, which may be the id of one')
      .option('--json', 'print the list as JSON'),
  )
    .addHelpText('after', EXAMPLES)
    .action(async (name: string | undefined, flags: Flags, command: Command) => {
      const { homeFolder } = await import('../home/home.js');
      const home = homeFolder(flags.home);
      if (flags.list) return list(home, flags.json === true);
      if (name === undefined) return command.error("error: missing required argument 'NAME'");
      if (flags.withdraw) return withdraw(home, name);
      const { program: started } = flags;
      const rules = ['file', 'hash', 'arguments', 'argument', 'quota', 'atOnce'] as const;
      const rule = rules.find((option) => flags[option] !== undefined);
      if (started === undefined && rule !== undefined)
        command.error(
          `error: --${rule === 'atOnce' ? 'at-once' : rule} is about a program, which --program names`,
        );
      const where = (flags.address ?? flags.relay) ? flags : await reachable?.(home);
      if (where?.address === undefined && where?.relay === undefined)
        command.error(
          'error: an invite says where to go: --address wss://host:port, or --relay wss://relay.host',
        );
      return invite(home, name, flags, where as Reachable);
    });
}

async function invite(
  home: string,
  name: string,
  flags: Flags,
  { address, relay }: Reachable,
): Promise<void> {
  const { createInvite } = await import('../invites/issue.js');
  const { program, role, replace, expires } = flags;
  const text = createInvite(home, {
    name,
    ...(address === undefined ? { relay } : { address }),
    ...(program === undefined ? {} : { programs: [await ruleOf(program, flags)] }),
    role,
    replace,
    expiresInMs: expires,
  });
  process.stdout.write(`${text}\n`);
  const until = new Date(Date.now() + expires).toISOString().slice(0, 16).replace('T', ' ');
  note(
    `whoever runs 'tacit join' with this line first becomes the peer '${name}', until ${until} UTC; it is as secret as a key until then`,
  );
}

async function list(home: string, json: boolean): Promise<void> {
  const { listInvites } = await import('../invites/issue.js');
  const { deviceIdOf } = await import('../device-id/device-id.js');
  const invites = listInvites(home);
  if (json) return printJson(invites);
  if (invites.length === 0) return note('no invites');
  const rows = invites.map(({ id, peer, state, expires, joiner }) => [
    peer.name,
    id,
    state,
    expires.toISOString().slice(0, 16).replace('T', ' '),
    joiner === undefined ? '' : deviceIdOf(joiner),
  ]);
  process.stdout.write(`${table(['for', 'id', 'state', 'expires (UTC)', 'used by'], rows).join('\n')}\n`);
}

async function withdraw(home: string, name: string): Promise<void> {
  const { withdrawInvite } = await import('../invites/issue.js');
  const count = withdrawInvite(home, name);
  process.stdout.write(`withdrawn  ${count} ${count === 1 ? 'invite' : 'invites'}\n`);
}
