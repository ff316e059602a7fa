/** `tacit identity`: makes the identity of this organisation, shows it, renews it. */
import type { Command } from 'commander';
import { withHome } from './options.js';
import { note, print, printJson } from './print.js';

interface Flags {
  readonly name?: string;
  readonly renew?: boolean;
  readonly json?: boolean;
  readonly home?: string;
}

const EXAMPLES = `
Examples:
  tacit identity --name alice     makes a key and a certificate, once
  tacit identity                  shows the device id, which others may know
  tacit identity --renew          makes the next ones; the old ones are kept beside them

The device id is how other organisations know this one: compare it by telephone, or pair by 'tacit invite'.
The key stays in a file that only you can read. Whoever has it is you to all peers.
`;

export function addIdentity(program: Command): void {
  withHome(
    program
      .command('identity')
      .description('make or show the identity by which other organisations know this one')
      .option('--name <NAME>', 'of this organisation, when it is made')
      .option('--renew', 'make a new key and certificate, and keep the old ones')
      .option('--json', 'print as JSON'),
  )
    .addHelpText('after', EXAMPLES)
    .action(identity);
}

async function identity(flags: Flags): Promise<void> {
  const { homeFolder, pathsIn } = await import('../home/home.js');
  const { readIdentity } = await import('../identity/read.js');
  const home = homeFolder(flags.home);
  const before = attempt(() => readIdentity(home));
  const { result, made } = await wanted(home, flags, before);
  const previous = made ? before.value : undefined;
  const { name, deviceId, fingerprint, notAfter } = result;
  const { certificate } = pathsIn(home);
  if (flags.json) {
    const old = previous && { deviceId: previous.deviceId, fingerprint: previous.fingerprint };
    printJson({ name, deviceId, fingerprint, notAfter, certificate, ...(old ? { previous: old } : {}) });
  } else
    print([
      ['name', name],
      ['device id', deviceId],
      ...(previous ? [['old id', previous.deviceId] as const] : []),
      ['fingerprint', fingerprint],
      ['valid until', notAfter.toISOString().slice(0, 10)],
      ['certificate', certificate],
    ]);
  if (previous)
    note(
      `until every peer has the new id ('tacit peers update ${name} --add-id ${deviceId}' there), those that have only the old one refuse this identity`,
    );
}

interface Attempt<T> {
  readonly value?: T;
  readonly error?: unknown;
}

function attempt<T>(act: () => T): Attempt<T> {
  try {
    return { value: act() };
  } catch (error) {
    return { error };
  }
}

async function wanted(
  home: string,
  { name, renew }: Flags,
  before: Attempt<import('../identity/read.js').Identity>,
) {
  const { IdentityError } = await import('../errors.js');
  const missing = before.error instanceof IdentityError && before.error.code === 'IDENTITY_MISSING';
  if (!renew && !(missing && name !== undefined)) {
    if (before.value === undefined) throw before.error;
    if (name !== undefined && name !== before.value.name)
      throw new IdentityError(
        'IDENTITY_EXISTS',
        `the identity that is there is called ${before.value.name}; its name changes with its key: tacit identity --renew --name ${name}`,
      );
    return { result: before.value, made: false };
  }
  const { createIdentity } = await import('../identity/create.js');
  return { result: await createIdentity(home, { name, renew }), made: true };
}
