/** `tacit he infer`: encrypt inputs, have them computed, decrypt the answers. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bytes, integer, number, Progress } from '@tacit/cli-kit';
import { encodeNpy, npyNumbers, parseNpy, readWhole, writeAtomically } from '@tacit/files';
import { CLIENT_ARTEFACT, type HeClient, SERVER_ARTEFACT } from '@tacit/he';
import { type Command, InvalidArgumentError } from 'commander';

interface Options {
  readonly out?: string;
  readonly model?: string;
  readonly token?: string;
  readonly secretKey?: string;
  readonly inputScale: number;
  readonly quiet?: boolean;
  readonly workers: number;
  readonly report?: string;
}

/** Where ciphertexts are computed. */
interface Remote {
  /** Inputs that may be on their way at once. */
  readonly lanes: number;
  infer(envelopes: readonly Uint8Array[]): Promise<Uint8Array[]>;
  close(): Promise<void> | void;
}

interface Connected {
  readonly client: HeClient;
  readonly remote: Remote;
  readonly keyBytes: number;
}

export function addInfer(he: Command): void {
  he.command('infer')
    .description('run inputs through a compiled model: encrypt, evaluate, decrypt')
    .argument(
      '<SOURCE>',
      'address of a service (http://...), or the folder of a compiled model to run on this machine',
    )
    .argument('<INPUT.npy>', 'one input, or several along the first axis')
    .option('--out <OUTPUT.npy>', 'where the outputs go (default: printed)')
    .option('--model <NAME>', 'model of the service (default: the only one)')
    .option('--token <TOKEN>', 'API token of the service (or TACIT_HE_TOKEN)')
    .option(
      '--secret-key <FILE>',
      'keep the secret key there, so that keys are uploaded only once; it reads everything',
    )
    .option(
      '--input-scale <FACTOR>',
      'multiply inputs by this, e.g. 0.00392156862745098 for bytes',
      number,
      1,
    )
    .option('--workers <N>', 'worker threads on this machine, for several inputs', integer(1, 1024), 1)
    .option('--report <FILE.json>', 'write times and bytes there')
    .option('--quiet', 'no progress')
    .option('--debug', 'show stacks of errors')
    .addHelpText(
      'after',
      '\nExamples:\n  tacit he infer compiled input.npy --out output.npy\n  tacit he infer http://127.0.0.1:8080 input.npy --secret-key client.key\n',
    )
    .action(infer);
}

async function infer(source: string, inputPath: string, options: Options): Promise<void> {
  const progress = new Progress(options.quiet ?? false);
  const array = parseNpy(await readWhole(inputPath));
  const values = npyNumbers(array).map((value) => value * options.inputScale);
  let connected: Connected | undefined;
  try {
    const check = (client: HeClient) => checkSize(client, values.length, inputPath);
    connected = await (isAddress(source) ? connect : load)(source, options, progress, check);
    const { client, remote, keyBytes } = connected;
    const size = inputSize(client);
    const images = Array.from({ length: values.length / size }, (_, i) =>
      values.subarray(i * size, (i + 1) * size),
    );
    const outputs: Float64Array[][] = [];
    let unreadable: unknown;
    const times = { encryptMs: 0, evaluateMs: 0, decryptMs: 0, uploadBytes: 0, downloadBytes: 0 };
    const batch = client.artefact.mode === 'latency' ? 1 : client.artefact.slots;
    let done = 0;
    const groups: Float64Array[][] = [];
    for (let first = 0; first < images.length; first += batch)
      groups.push(images.slice(first, first + batch));
    const started = performance.now();
    await inLanes(groups, remote.lanes, async (group, index) => {
      progress.show(`input ${done + 1} of ${images.length}`);
      const begun = performance.now();
      const sent = await client.encrypt(group);
      const encrypted = performance.now();
      const answer = await remote.infer(sent);
      const evaluated = performance.now();
      // What is sent must not depend on what was decrypted, or answers made for it would tell the server about the key.
      outputs[index] = await client.decrypt(answer, group.length).catch((error: unknown) => {
        unreadable ??= error;
        return [];
      });
      times.encryptMs += encrypted - begun;
      times.evaluateMs += evaluated - encrypted;
      times.decryptMs += performance.now() - evaluated;
      times.uploadBytes += total(sent);
      times.downloadBytes += total(answer);
      done += group.length;
    });
    const allMs = performance.now() - started;
    progress.end();
    if (unreadable !== undefined) throw unreadable;
    write(outputs.flat(), client.artefact.output.shape, options);
    if (options.report !== undefined) {
      const report = { inputs: images.length, keyBytes, allMs, ...times };
      writeAtomically(options.report, new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`));
    }
    if (!options.quiet)
      process.stderr.write(
        `${images.length} inputs: ${bytes(times.uploadBytes / images.length)} up and ${bytes(times.downloadBytes / images.length)} down each, ` +
          `${(allMs / images.length).toFixed(1)} ms each, encryption and decryption included\n`,
      );
  } finally {
    progress.end();
    await connected?.remote.close();
    connected?.client.dispose();
  }
}

const inputSize = (client: HeClient): number => client.artefact.input.shape.reduce((a, b) => a * b, 1);

/** Before keys are made, which takes a while. */
function checkSize(client: HeClient, values: number, path: string): void {
  const size = inputSize(client);
  if (values === 0 || values % size !== 0)
    throw new InvalidArgumentError(
      `${path} holds ${values} values; an input of the model has ${size} ([${client.artefact.input.shape.join(', ')}])`,
    );
}

/** Runs an action for every item, several at once. */
async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  action: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const index = next++;
      await action(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
}

const total = (list: readonly Uint8Array[]): number => list.reduce((sum, { length }) => sum + length, 0);
const isAddress = (source: string): boolean => /^https?:\/\//.test(source);

/** Both sides in this process, the server's in worker threads. */
async function load(
  folder: string,
  options: Options,
  progress: Progress,
  check: (client: HeClient) => void,
): Promise<Connected> {
  const { HeClient } = await import('@tacit/he');
  const { HePool } = await import('../pool/index.js');
  const client = await withKey(options, async (secretKey) =>
    HeClient.create(await readWhole(join(folder, CLIENT_ARTEFACT)), { secretKey }),
  );
  check(client);
  progress.show('loading the model');
  const pool = await HePool.create(await readWhole(join(folder, SERVER_ARTEFACT)), {
    workers: options.workers,
  });
  progress.show('making evaluation keys');
  const keys = await client.evaluationKeys();
  const loaded = await pool.loadKeys(keys);
  return {
    client,
    keyBytes: keys.length,
    remote: {
      lanes: 2 * options.workers,
      infer: (envelopes) => pool.evaluate(envelopes, loaded),
      close: () => pool.close(),
    },
  };
}

async function connect(
  url: string,
  options: Options,
  progress: Progress,
  check: (client: HeClient) => void,
): Promise<Connected> {
  const { HeClient } = await import('@tacit/he');
  const { HeHttpClient } = await import('../service-client/index.js');
  const http = new HeHttpClient({ url, token: options.token ?? process.env.TACIT_HE_TOKEN });
  const models = await http.models();
  const chosen =
    options.model === undefined && models.length === 1
      ? models[0]
      : models.find((m) => m.name === options.model);
  if (chosen === undefined)
    throw new InvalidArgumentError(
      `the service has the models ${models.map(({ name }) => name).join(', ')}; name one with --model`,
    );
  const artefact = await http.clientArtefact(chosen.id);
  const client = await withKey(options, (secretKey) => HeClient.create(artefact, { secretKey }));
  check(client);
  progress.show('making evaluation keys');
  const keyFile = options.secretKey === undefined ? undefined : `${options.secretKey}.keys`;
  const keys =
    keyFile !== undefined && existsSync(keyFile) ? await readWhole(keyFile) : await client.evaluationKeys();
  if (keyFile !== undefined && !existsSync(keyFile)) writeAtomically(keyFile, keys);
  const { id: keyId } = await http.uploadKeys(keys, {
    model: chosen.id,
    onProgress: (sent, all) => progress.show(`uploading evaluation keys: ${bytes(sent)} of ${bytes(all)}`),
  });
  return {
    client,
    keyBytes: keys.length,
    remote: {
      lanes: 4,
      infer: (envelopes) => http.infer(envelopes, { model: chosen.id, keyId }),
      close: () => undefined,
    },
  };
}

/** The client with the key of the file, which is made if it is not there. */
async function withKey(
  { secretKey: path }: Options,
  create: (secretKey: Uint8Array | undefined) => Promise<HeClient>,
): Promise<HeClient> {
  if (path === undefined) return create(undefined);
  if (existsSync(path)) {
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
      process.stderr.write(`warning: others can read ${path}; chmod 600 it\n`);
    return create(await readWhole(path));
  }
  const client = await create(undefined);
  writeAtomically(path, client.saveSecretKey(), { mode: 0o600 });
  return client;
}

function write(outputs: readonly Float64Array[], shape: readonly number[], options: Options): void {
  if (options.out === undefined) {
    for (const output of outputs)
      process.stdout.write(`${Array.from(output, (value) => value.toFixed(4)).join(' ')}\n`);
    return;
  }
  const flat = new Float64Array(outputs.length * (outputs[0]?.length ?? 0));
  outputs.forEach((output, i) => {
    flat.set(output, i * output.length);
  });
  writeAtomically(options.out, encodeNpy([outputs.length, ...shape.slice(1)], flat));
}
