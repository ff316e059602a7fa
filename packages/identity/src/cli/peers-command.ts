/** `tacit peers`: the organisations that this one knows, and what they may start here. */
import type { Command } from 'commander';
import { ANY_PROGRAM } from '../names.js';
import type { Peer } from '../peers/peer.js';
import {
  type AddressFlags,
  type RoleFlags,
  type RuleFlags,
  ruleOf,
  withAddress,
  withHome,
  withRole,
  withRule,
} from './options.js';
import { linesOf, note, printJson } from './print.js';

interface Flags {
  readonly home?: string;
  readonly json?: boolean;
}

interface UpdateFlags extends Flags, AddressFlags, RoleFlags {
  readonly addId?: readonly string[];
  readonly removeId?: readonly string[];
}

const EXAMPLES = `
Examples:
  tacit peers list
  tacit peers add bob MFZWI3D-… --address wss://bob.example:7700
  tacit peers allow bob predict --file predict.mjs --quota 1000/day
  tacit peers allow bob '*' --quota 100/day      where 'tacit dealer' runs: it deals for any program
  tacit peers forbid bob predict
  tacit peers update bob --add-id NB2WK4T-…      its next certificate, beside the one in use
  tacit peers remove bob

A peer may start only what is allowed here, by name and version. Two organisations that have not exchanged device ids yet
pair by 'tacit invite'. All of this is in peers.yaml, which may be edited by hand; a running 'tacit party' sees changes.
`;

const openIn = async (flags: Flags) => {
  const { homeFolder } = await import('../home/home.js');
  const { openPeers } = await import('../peers/peers-file.js');
  return openPeers(homeFolder(flags.home));
};

export function addPeers(program: Command): void {
  const peers = program
    .command('peers')
    .description('list and change the organisations that this one knows, and what they may start')
    .addHelpText('after', EXAMPLES);
  withHome(
    peers
      .command('list', { isDefault: true })
      .description('show all peers')
      .option('--json', 'print as JSON'),
  ).action(list);
  withHome(
    withRole(
      withAddress(
        peers
          .command('add')
          .description('add a peer whose device id you know')
          .argument('<NAME>', 'what you call it')
          .argument('<DEVICE-ID...>', "as its own 'tacit identity' shows; several while it changes keys"),
        'the peer',
      ),
    ),
  ).action(add);
  withHome(
    withRole(
      withAddress(
        peers
          .command('update')
          .description('change device ids, address or role of a peer')
          .argument('<NAME>')
          .option('--add-id <DEVICE-ID>', 'of its next certificate; may be given several times', each)
          .option('--remove-id <DEVICE-ID>', 'of a certificate that it has no more', each),
        'the peer',
      ),
    ),
  ).action(update);
  withHome(
    withRule(
      peers
        .command('allow')
        .description('allow a peer to start a program here; a rule for it that is there is replaced')
        .argument('<NAME>', 'of the peer')
        .argument('<PROGRAM>', "its name, as both call it; '*' is any, for a dealer"),
    ),
  ).action(allow);
  withHome(
    peers
      .command('forbid')
      .description('allow a peer a program no more')
      .argument('<NAME>', 'of the peer')
      .argument('<PROGRAM>', 'its name'),
  ).action(forbid);
  withHome(peers.command('remove').description('forget a peer').argument('<NAME>')).action(remove);
}

const each = (text: string, before: readonly string[] = []): string[] => [...before, text];
const show = (peer: Peer): void => void process.stdout.write(`${linesOf(peer).join('\n')}\n`);

async function list(flags: Flags): Promise<void> {
  const peers = (await openIn(flags)).list();
  if (flags.json) return printJson(peers);
  for (const peer of peers) show(peer);
  if (peers.length === 0) note("no peers yet; pair with one by 'tacit invite', or 'tacit peers add'");
}

/** The address that flags name; a relay wants to know whose place at it. */
async function addressOf({ address, relay }: AddressFlags, id: string): Promise<string | undefined> {
  if (relay === undefined) return address;
  const { addressAtRelay } = await import('../address.js');
  const { fingerprintOfDeviceId } = await import('../device-id/device-id.js');
  return addressAtRelay(relay, fingerprintOfDeviceId(id));
}

async function add(name: string, ids: string[], flags: Flags & AddressFlags & RoleFlags): Promise<void> {
  const peers = await openIn(flags);
  const { role } = flags;
  const address = await addressOf(flags, ids[0]);
  show(peers.add({ name, ids, ...(address === undefined ? {} : { address }), ...(role ? { role } : {}) }));
}

async function update(name: string, flags: UpdateFlags): Promise<void> {
  const peers = await openIn(flags);
  const { fingerprintOfDeviceId } = await import('../device-id/device-id.js');
  const { PeerError } = await import('../errors.js');
  const gone = new Set(flags.removeId?.map(fingerprintOfDeviceId));
  const before = peers.get(name);
  const has = (print: string) => before?.ids.some((id) => fingerprintOfDeviceId(id) === print);
  for (const id of flags.removeId ?? [])
    if (before && !has(fingerprintOfDeviceId(id)))
      throw new PeerError('PEER_UNKNOWN', `the peer '${name}' has no device id ${id}`);
  const next = flags.addId?.at(-1) ?? before?.ids.at(-1);
  const address = next === undefined ? undefined : await addressOf(flags, next);
  show(
    peers.update(name, (peer) => ({
      ...peer,
      ids: [
        ...peer.ids.filter((id) => !gone.has(fingerprintOfDeviceId(id))),
        ...(flags.addId ?? []).filter((id) => !has(fingerprintOfDeviceId(id))),
      ],
      ...(address === undefined ? {} : { address }),
      ...(flags.role ? { role: flags.role } : {}),
    })),
  );
}

async function allow(name: string, program: string, flags: Flags & RuleFlags): Promise<void> {
  const peers = await openIn(flags);
  const rule = await ruleOf(program, flags);
  const peer = peers.update(name, ({ programs = [], ...others }) => {
    const at = programs.findIndex((known) => known.name === program);
    return { ...others, programs: at < 0 ? [...programs, rule] : programs.with(at, rule) };
  });
  show(peer);
  if (program === ANY_PROGRAM)
    note(
      `'tacit dealer' deals for whatever '${name}' starts; 'tacit party' runs only programs that are named`,
    );
  else if (rule.hash === undefined)
    note(`'${name}' may start any version of ${program} that is here; --file or --hash allows one only`);
}

async function forbid(name: string, program: string, flags: Flags): Promise<void> {
  const peers = await openIn(flags);
  const { PeerError } = await import('../errors.js');
  show(
    peers.update(name, (peer) => {
      const programs = peer.programs?.filter((rule) => rule.name !== program) ?? [];
      if (programs.length === (peer.programs?.length ?? 0))
        throw new PeerError('PEER_UNKNOWN', `the peer '${name}' was not allowed to start ${program}`);
      return { ...peer, programs };
    }),
  );
}

async function remove(name: string, flags: Flags): Promise<void> {
  const peers = await openIn(flags);
  show(peers.remove(name));
  const { listInvites } = await import('../invites/issue.js');
  const { homeFolder } = await import('../home/home.js');
  const open = listInvites(homeFolder(flags.home)).filter(
    ({ peer, state }) => peer.name === name && state === 'open',
  );
  if (open.length > 0)
    note(`an invite for '${name}' is open still; 'tacit invite ${name} --withdraw' takes it back`);
}
