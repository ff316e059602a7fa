/** `tacit tapes ls`, `verify`, `burn` and `gc`: what is in a member's folder of tapes. */
import { bytes, table } from '@tacit/cli-kit';
import type { Command } from 'commander';
import type { TapeFolder, TapeListing } from '../folder.js';

interface Flags {
  readonly key: string;
  readonly dealer: string;
  readonly ledger?: string;
  readonly json?: boolean;
}

type Action = (folder: TapeFolder, flags: Flags, ids: readonly string[]) => Promise<void>;

export function addFolderCommands(tapes: Command): void {
  const add = (
    name: string,
    description: string,
    act: Action,
    more = (command: Command) => command,
  ): void => {
    more(tapes.command(name).description(description).argument('<DIR>', 'the folder of tapes'))
      .requiredOption('--key <FILE>', 'your own secret key, made by tacit tapes keygen')
      .requiredOption('--dealer <KEY>', 'public key of the dealer: tapes of others are not used')
      .option('--ledger <DIR>', 'where used tapes are noted (default: ledger in the folder)')
      .option('--debug', 'show stacks of errors')
      .action(async (path: string, ...rest: unknown[]) => {
        const ids = Array.isArray(rest[0]) ? (rest[0] as string[]) : [];
        const flags = rest[rest.length - 2] as Flags;
        const [{ TapeFolder: Folder }, { publicKeyBytes, readTapeKey }] = await Promise.all([
          import('../folder.js'),
          import('../keys.js'),
        ]);
        publicKeyBytes(flags.dealer);
        const keys = await readTapeKey(flags.key);
        await act(new Folder({ folder: path, keys, dealer: flags.dealer, ledger: flags.ledger }), flags, ids);
      });
  };
  const json = (command: Command): Command => command.option('--json', 'print JSON');
  add('ls', 'list what is left, by plan', list, json);
  add('verify', 'open every tape, without using it, and check all of it', verify);
  add('burn', 'burn tapes without using them: no session will', burn, (command) =>
    command.argument('<ID...>', "beginnings of tapes' ids, or 'all'"),
  );
  add('gc', 'remove files of tapes that are used, and of interrupted copies', collect);
}

const refused = (file: string, error: Error): void => {
  process.stderr.write(`tacit: warning: ${file}: ${error.message}\n`);
};

async function list(folder: TapeFolder, { json }: Flags): Promise<void> {
  const unused = [...folder.unused(refused)];
  if (json) {
    const rows = unused.map(({ id, rank, header }) => ({ id, rank, ...header }));
    process.stdout.write(`${JSON.stringify({ unused: rows, used: folder.ledger.size }, undefined, 2)}\n`);
    return;
  }
  const plans = new Map<string, TapeListing[]>();
  for (const listing of unused) {
    const { plan, session } = listing.header;
    const key = `${plan} ${session}`;
    plans.set(key, [...(plans.get(key) ?? []), listing]);
  }
  const rows = [...plans.values()].map((own) => {
    const [{ header, rank }] = own;
    const size = rank === header.members.length - 1 ? bytes(header.bytes) : '-';
    const members = header.members.map(({ name }) => name).join(', ');
    const session = header.session || 'any';
    return [
      header.plan.slice(0, 12),
      header.program,
      members,
      session,
      header.dealt.slice(0, 10),
      size,
      String(own.length),
    ];
  });
  const lines = table(['plan', 'program', 'members', 'session', 'dealt', 'bytes', 'left'], rows);
  process.stdout.write(`${lines.join('\n')}\n${folder.ledger.size} used\n`);
}

async function verify(folder: TapeFolder): Promise<void> {
  let [good, bad] = [0, 0];
  const fail = (file: string, error: Error): void => {
    bad++;
    refused(file, error);
  };
  for (const listing of folder.unused(fail))
    await folder.verify(listing).then(
      (unused) => {
        if (unused) good++;
      },
      (error) => fail(listing.id.slice(0, 16), error),
    );
  process.stdout.write(`${good} good, ${bad} bad\n`);
  if (bad > 0) process.exitCode = 1;
}

async function burn(folder: TapeFolder, _: Flags, ids: readonly string[]): Promise<void> {
  let burnt = 0;
  for (const listing of folder.unused(refused)) {
    if (!ids.some((id) => id === 'all' || listing.id.startsWith(id))) continue;
    if (folder.discard(listing)) burnt++;
  }
  process.stdout.write(`${burnt} burnt\n`);
}

async function collect(folder: TapeFolder): Promise<void> {
  process.stdout.write(`${folder.collect()} files removed\n`);
}
