/** `tacit service invite`, `list` and `withdraw`. */
import { readFileSync } from 'node:fs';
import { table } from '@tacit/cli-kit';
import { homeFolder } from '@tacit/identity';
import { ServiceUsageError } from '../errors.js';
import { endOf, InviteStore } from '../server/invite-store.js';
import { factsFile, issueInvite, type ServiceFacts } from '../server/service.js';
import { UsageCounts } from '../server/usage-counts.js';
import type { InviteFlags } from './flags.js';

/**
 * Prints an invite.
 * @param model name of the model
 * @param flags of the command line
 */
export async function invite(model: string, flags: InviteFlags): Promise<void> {
  const home = homeFolder(flags.home);
  const text = await issueInvite(new InviteStore(home), factsOf(home), {
    model,
    ...(flags.for !== undefined && { label: flags.for }),
    ...(flags.expires !== undefined && { expiresInMs: flags.expires }),
    quota: {
      ...(flags.questions && { questionsPerDay: flags.questions }),
      ...(flags.bytes && { bytesPerDay: flags.bytes }),
      ...(flags.atOnce && { sessionsAtOnce: flags.atOnce }),
      ...(flags.once && { sessions: 1 }),
    },
  });
  process.stdout.write(`${text}\n`);
}

function factsOf(home: string): ServiceFacts {
  try {
    return JSON.parse(readFileSync(factsFile(home), 'utf8')) as ServiceFacts;
  } catch {
    throw new ServiceUsageError(
      "an invite says where the service is and who deals, which is known once it has run: start 'tacit serve' first",
    );
  }
}

/**
 * Prints all invites.
 * @param flags of the command line
 */
export async function list({
  home: given,
  json,
}: {
  readonly home?: string;
  readonly json?: boolean;
}): Promise<void> {
  const home = homeFolder(given);
  const counts = new UsageCounts(home);
  const now = Date.now();
  const rows = await Promise.all(
    new InviteStore(home).list().map(async (one) => {
      const { secret: _, ...known } = one;
      const usage = await counts.usage(one.id);
      return { ...known, state: endOf(one, now)?.code ?? 'OPEN', usage };
    }),
  );
  if (json) {
    process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
    return;
  }
  const lines = table(
    ['id', 'model', 'for', 'state', 'expires', 'sessions', 'questions today'],
    rows.map(({ id, model, label, state, expires, usage, quota }) => [
      id,
      model,
      label || '-',
      state === 'OPEN' ? 'open' : state === 'INVITE_EXPIRED' ? 'expired' : 'withdrawn',
      expires?.slice(0, 16).replace('T', ' ') ?? 'never',
      `${usage.sessions}${quota.sessions ? ` of ${quota.sessions}` : ''}`,
      `${usage.questionsToday}${quota.questionsPerDay ? ` of ${quota.questionsPerDay}` : ''}`,
    ]),
  );
  process.stdout.write(`${(rows.length > 0 ? lines : ['there are no invites']).join('\n')}\n`);
}

/**
 * Takes an invite back.
 * @param id of it
 * @param flags of the command line
 */
export async function withdraw(id: string, { home }: { readonly home?: string }): Promise<void> {
  const { id: whole, model, label } = await new InviteStore(homeFolder(home)).withdraw(id);
  process.stdout.write(`withdrawn  ${whole}  ${model}${label ? `  ${label}` : ''}\n`);
}
