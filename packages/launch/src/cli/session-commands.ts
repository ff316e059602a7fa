/** `tacit keys`, `tacit dealer`, `tacit party`: sessions whose members are on different machines. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hostPort, interruptible, positive } from '@tacit/cli-kit';
import type { PlannedOperation, RandomnessSource } from '@tacit/mpc';
import type { Command } from 'commander';
import { LaunchOptionsError } from '../errors.js';
import type { LaunchedParty } from '../launched-party.js';
import type { SessionFile } from '../session/session-file.js';

/** Starts a daemon with the flags that were given, and only those. */
export type StartDaemon = (
  role: 'party' | 'dealer',
  flags: Readonly<Record<string, string | number>>,
) => Promise<void>;

/** What only parties have. */
interface PartyFlags extends Flags {
  readonly tapes?: string;
  readonly tapeKey?: string;
  readonly recordPlan?: string;
}

interface Flags {
  readonly key: string;
  readonly listen?: string;
  readonly timeout: number;
  readonly wait: number;
  readonly resume: number;
}

const EXAMPLES = `
Without SESSION.json: the process of an organisation, which waits for proposals of its peers ('tacit run') and takes part
in what its owner has allowed. See 'tacit identity', 'tacit invite', 'tacit join', 'tacit config'.

Example with SESSION.json, on the machine of each member (the dealer's runs 'tacit dealer SESSION.json --key dealer.key'):
  tacit keys alice.key                  prints the public key, for the file that all members have
  tacit party session.json program.mjs --key alice.key

session.json, the same for all; the last member is the dealer, and members that cannot listen have no address:
  { "session": "loan-scores", "members": [
      { "name": "alice", "publicKey": "…", "address": "ws://alice.example:7700" },
      { "name": "bob", "publicKey": "…" },
      { "name": "dealer", "publicKey": "…", "address": "ws://dealer.example:7700" } ] }

With "tapes": "tape-9c…" in session.json, the public key of who ran 'tacit deal', all members are parties, each with
--tapes and --tape-key, and no dealer takes part.

program.mjs has a function as its default export: async (party, args) => …
What members send is encrypted end to end, also over ws:.
`;

export function addSessionCommands(program: Command, startDaemon?: StartDaemon): void {
  program
    .command('keys')
    .description('make the key of a member: the secret key in a file, the public key printed')
    .argument('<FILE>', 'where the secret key goes, readable by you only')
    .option('--debug', 'show stacks of errors')
    .action(async (path: string) => {
      const { writeKeyFile } = await import('../session/session-file.js');
      process.stdout.write(`${await writeKeyFile(path)}\n`);
    });

  const seconds = positive(2e6);
  const member = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .argument('[SESSION.json]', 'who takes part and where; without it, waits for proposals of peers')
      .option('--key <FILE>', 'with SESSION.json: your own key, made by tacit keys')
      .option('--listen <HOST:PORT>', 'where to listen, if not at the port of your own address')
      .option('--timeout <SECONDS>', 'how long to wait for a message of another member', seconds, 120)
      .option('--wait <SECONDS>', 'how long to wait for the others to appear', seconds, 300)
      .option('--resume <SECONDS>', 'how long a broken connection may take to come back', seconds, 60)
      .option('--address <ADDRESS>', 'without SESSION.json: how others reach you, wss://host:port')
      .option('--relay <ADDRESS>', 'without SESSION.json: the relay at which others reach you')
      .option('--home <DIR>', 'without SESSION.json: home folder (default: TACIT_HOME or ~/.tacit)')
      .option('--config <FILE>', 'without SESSION.json: settings (default: config.yaml in the home folder)')
      .option('--debug', 'show stacks of errors')
      .addHelpText('after', EXAMPLES);

  /** With a session file the command runs `withFile`, without one the daemon. */
  const either = async (
    command: Command,
    role: 'party' | 'dealer',
    path: string | undefined,
    withFile: (path: string) => Promise<void>,
  ): Promise<void> => {
    const { debug: _, ...flags } = command.opts<Record<string, string | number>>();
    const given = Object.entries(flags).filter(([name]) => command.getOptionValueSource(name) === 'cli');
    if (path !== undefined) {
      if (flags.key === undefined) command.error("error: required option '--key <FILE>' not specified");
      return withFile(path);
    }
    if (flags.key !== undefined || startDaemon === undefined)
      command.error("error: missing required argument 'SESSION.json'");
    await startDaemon?.(role, Object.fromEntries(given));
  };
  member('dealer', "deal for a session, until all its parties have left; or for peers' sessions").action(
    (path: string | undefined, flags: Flags, command: Command) =>
      either(command, 'dealer', path, (file) => deal(file, flags)),
  );
  member('party', "run a program as a party of a session; or allowed programs for peers' sessions")
    .argument('[PROGRAM]', 'a module with a function (party, args) as its default export')
    .argument('[ARGS...]', 'for the program')
    .option('--tapes <DIR>', 'with "tapes" in SESSION.json: your folder of tapes, filled by tacit deal')
    .option('--tape-key <FILE>', 'your own key for tapes, made by tacit tapes keygen')
    .option('--record-plan <FILE>', 'write what was dealt for, from which tacit deal makes tapes')
    .action(
      (
        path: string | undefined,
        module: string | undefined,
        args: string[],
        flags: PartyFlags,
        command: Command,
      ) =>
        either(command, 'party', path, async (file) => {
          if (module === undefined) return command.error("error: missing required argument 'PROGRAM'");
          await takePart(file, module, args, flags);
        }),
    );
}

/** What joins sessions: loaded once one is to be joined, so that help and other commands start fast. */
async function sessions() {
  const [files, members] = await Promise.all([
    import('../session/session-file.js'),
    import('../session/join-session.js'),
  ]);
  return { ...files, ...members };
}

async function deal(path: string, flags: Flags): Promise<void> {
  const { readSessionFile, runDealer } = await sessions();
  const file = await readSessionFile(path, flags.key);
  const { worldSize } = file.options;
  if (file.tapes !== undefined)
    throw new LaunchOptionsError(`the parties of ${path} use tapes; no dealer takes part`);
  if (file.rank !== worldSize)
    throw new LaunchOptionsError(
      `${flags.key} is the key of ${file.names[file.rank]}; the dealer is ${file.names[worldSize]}`,
    );
  const { operations } = await interruptible((signal) => {
    sayWhoIsAwaited(file);
    return runDealer({ ...optionsOf(file, flags), signal });
  });
  process.stdout.write(`dealt for ${operations} operations of '${file.options.sessionId}'\n`);
}

async function takePart(path: string, module: string, args: string[], flags: PartyFlags): Promise<void> {
  const { default: run }: { default?: unknown } = await import(pathToFileURL(resolve(module)).href);
  if (typeof run !== 'function')
    throw new LaunchOptionsError(`${module} has no function as its default export`);
  const { readSessionFile, joinSession } = await sessions();
  const file = await readSessionFile(path, flags.key);
  const { rank } = file;
  if (rank === file.options.worldSize)
    throw new LaunchOptionsError(`${flags.key} is the key of the dealer; run 'tacit dealer' with it`);
  const { randomness, record } = await randomnessOf(file, flags);
  const program = async (party: LaunchedParty): Promise<unknown> => {
    const result = await run(party, args);
    record(party);
    return result;
  };
  const result = await interruptible((signal) => {
    sayWhoIsAwaited(file);
    return joinSession({ ...optionsOf(file, flags), randomness, rank, signal }, program);
  });
  if (result !== undefined) process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** A party's tapes, where the session has them, and what notes down what is dealt for, where that is wanted. */
async function randomnessOf(
  { options, tapes: dealer }: SessionFile,
  { tapes: folder, tapeKey, recordPlan }: PartyFlags,
): Promise<{ randomness: RandomnessSource | undefined; record(party: LaunchedParty): void }> {
  if ((dealer === undefined) !== (folder === undefined))
    throw new LaunchOptionsError(
      dealer === undefined
        ? "--tapes is for sessions whose file has 'tapes': the public key of the dealer that made them"
        : 'this session uses tapes: give your folder of them, --tapes <DIR>',
    );
  if ((folder === undefined) !== (tapeKey === undefined))
    throw new LaunchOptionsError('--tapes and --tape-key go together');
  let randomness: RandomnessSource | undefined;
  if (folder !== undefined && tapeKey !== undefined && dealer !== undefined) {
    const { readTapeKey, tapes } = await import('@tacit/tapes');
    const onRefused = (name: string, error: Error): void => {
      process.stderr.write(`tacit: warning: ${name}: ${error.message}\n`);
    };
    const keys = await readTapeKey(tapeKey);
    randomness = tapes({ folder, keys, dealer, session: options.sessionId, onRefused });
  }
  if (recordPlan === undefined) return { randomness, record() {} };
  const { encodePlan, liveDealer, recording } = await import('@tacit/mpc');
  const { requireFolder, writeAtomically } = await import('@tacit/files');
  requireFolder(recordPlan);
  const operations: PlannedOperation[] = [];
  return {
    randomness: recording(randomness ?? liveDealer(), (operation) => operations.push(operation)),
    record({ engine: { parties, config } }) {
      writeAtomically(recordPlan, new TextEncoder().encode(encodePlan({ parties, config, operations })));
    },
  };
}

/** Members may take minutes to appear. On stderr, as the output is the program's. */
export function sayWhoIsAwaited({ names, rank, options }: SessionFile): void {
  const others = names.filter((_, member) => member !== rank);
  process.stderr.write(`${names[rank]} in '${options.sessionId}': waiting for ${others.join(', ')}\n`);
}

/**
 * The options of a session of a member.
 * @param file the session file, read
 * @param flags of the command line
 * @returns options of `joinSession`
 * @throws LaunchOptionsError for --listen that makes no sense
 */
export function optionsOf(
  { options, rank }: SessionFile,
  flags: Pick<Flags, 'listen' | 'timeout' | 'wait' | 'resume'>,
) {
  const place = flags.listen === undefined ? undefined : hostPort(flags.listen);
  if (flags.listen !== undefined && place === undefined)
    throw new LaunchOptionsError(`--listen takes HOST:PORT, not '${flags.listen}'`);
  if (flags.listen !== undefined && !options.addresses[rank])
    throw new LaunchOptionsError('--listen is for members that have an address in the session file');
  return {
    ...options,
    timeoutMs: flags.timeout * 1000,
    connectTimeoutMs: flags.wait * 1000,
    resumeMs: flags.resume * 1000,
    listen: place && { host: place.host, port: Number(place.port) },
  };
}
