/** `tacit he serve`: the HTTP service for compiled models. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { integer, number } from '@tacit/cli-kit';
import { readWhole } from '@tacit/files';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { packageFile } from '../location.js';

interface Options {
  readonly host: string;
  readonly port: number;
  readonly state: string;
  readonly workers?: number;
  readonly tlsKey?: string;
  readonly tlsCert?: string;
  readonly tokens?: string;
  readonly keyDays: number;
  readonly keyQuota: number;
  readonly keyCache: number;
  readonly timeout: number;
  readonly log: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
}

export function addServe(he: Command): void {
  he.command('serve')
    .description(
      'serve compiled models over HTTP: clients upload evaluation keys once, then send ciphertexts',
    )
    .argument('<DIR...>', 'folders that tacit he compile wrote, or a folder of such folders')
    .option(
      '--host <ADDRESS>',
      'address to listen on; anything but loopback should have TLS and tokens',
      '127.0.0.1',
    )
    .option('--port <N>', 'port; 0 takes a free one', integer(0, 65535), 8080)
    .option(
      '--state <DIR>',
      'folder for uploaded keys; they are found again after a restart',
      'tacit-he-state',
    )
    .option('--workers <N>', 'worker threads (default: one for each core)', integer(1, 1024))
    .option('--key-cache <MB>', 'keys that each worker keeps loaded', number, 1000)
    .option('--tls-key <FILE.pem>', 'private key')
    .option('--tls-cert <FILE.pem>', 'certificate')
    .option('--tokens <FILE.json>', 'object of hex SHA-256 digests of API tokens to names of tenants')
    .option('--key-days <DAYS>', 'days after which keys that nobody uses are forgotten', number, 30)
    .option('--key-quota <MB>', 'keys that one tenant may keep', number, 2000)
    .option('--timeout <SECONDS>', 'longest evaluation of one input', number, 120)
    .addOption(
      new Option('--log <LEVEL>', 'what is logged, as JSON lines')
        .choices(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
        .default('warn'),
    )
    .option('--debug', 'show stacks of errors')
    .addHelpText('after', '\nExample:\n  tacit he serve compiled --port 8080\n')
    .action(serve);
}

async function serve(folders: string[], options: Options): Promise<void> {
  const { startService } = await import('../service/index.js');
  const service = await startService({
    models: folders,
    host: options.host,
    port: options.port,
    stateDirectory: options.state,
    workers: options.workers,
    tls: await tls(options),
    tokenDigests: await tokens(options.tokens),
    logLevel: options.log,
    page: fileURLToPath(packageFile('page')),
    limits: {
      keyTtlMs: options.keyDays * 86_400_000,
      keyBytesPerTenant: options.keyQuota * 1e6,
      keyCacheBytesPerWorker: options.keyCache * 1e6,
      evaluateMs: options.timeout * 1000,
    },
  });
  const models = service.models.map((model) => model.name).join(', ');
  process.stderr.write(`serving ${models} at ${service.url} (Ctrl-C ends)\n`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  process.stderr.write('closing: requests that run may finish\n');
  await service.close();
}

async function tls({ tlsKey, tlsCert }: Options): Promise<{ key: Buffer; cert: Buffer } | undefined> {
  if (tlsKey === undefined && tlsCert === undefined) return undefined;
  if (tlsKey === undefined || tlsCert === undefined)
    throw new InvalidArgumentError('--tls-key and --tls-cert belong together');
  return { key: Buffer.from(await readWhole(tlsKey)), cert: Buffer.from(await readWhole(tlsCert)) };
}

async function tokens(path: string | undefined): Promise<Record<string, string> | undefined> {
  if (path === undefined) return undefined;
  const value: unknown = JSON.parse(await readFile(path, 'utf8'));
  const valid =
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(
      ([digest, tenant]) => /^[0-9a-f]{64}$/i.test(digest) && typeof tenant === 'string',
    );
  if (!valid)
    throw new InvalidArgumentError(
      `${path} must hold an object of hex SHA-256 digests of tokens to names of tenants`,
    );
  return value as Record<string, string>;
}
