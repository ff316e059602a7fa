/** `tacit ask` */
import { text } from 'node:stream/consumers';
import { bytes, interruptible, note } from '@tacit/cli-kit';
import { encodeNpy, readNumbers, requireFolder, writeAtomically } from '@tacit/files';
import { connect } from '../client/node.js';
import type { PrivateModel } from '../client/types.js';
import { ModelClosedError, ModelFeedsError } from '../errors.js';
import type { ModelValue } from '../program/offer.js';
import { type AskFlags, named } from './flags.js';

/**
 * Asks one question, or says what the model is.
 * @param pasted the invite, or `-`
 * @param flags of the command line
 */
export async function ask(pasted: string, flags: AskFlags): Promise<void> {
  for (const out of flags.out ?? []) requireFolder(named(out, '--out')[1]);
  const invite = pasted === '-' ? await text(process.stdin) : pasted;
  const say = flags.quiet ? () => {} : note;
  await interruptible(
    async (signal) => {
      const model = await connect(invite, {
        signal,
        ...(flags.dealerKey !== undefined && { dealerKey: flags.dealerKey }),
        ...(flags.trial && { trial: true }),
        onProgress: (progress) => {
          if (progress.phase === 'waiting') say(`waiting: ${progress.reason}`);
        },
      });
      try {
        if (flags.info) printInfo(model, flags.json === true);
        else await question(model, flags, signal, say);
      } finally {
        await model.close();
      }
    },
    () => new ModelClosedError('interrupted'),
  );
}

async function question(
  model: PrivateModel,
  flags: AskFlags,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<void> {
  const { inputs, outputs } = model.info;
  const given = (flags.input ?? []).map((one) => named(one, '--input'));
  if (given.length === 0)
    throw new ModelFeedsError(`give ${inputs.map(({ name }) => `--input ${name}=FILE.npy`).join(' ')}`);
  const feeds = Object.fromEntries(
    await Promise.all(
      given.map(async ([name, path]) => {
        const { shape, data } = await readNumbers(path);
        return [nameOf(name, inputs, 'input'), { dims: shape, data }] as const;
      }),
    ),
  );
  const wanted = (flags.out ?? []).map((one) => {
    const [name, path] = named(one, '--out');
    return [name === undefined ? (outputs[0]?.name ?? '') : nameOf(name, outputs, 'output'), path] as const;
  });
  const results = await model.run(feeds, { signal });
  for (const [name, path] of wanted) {
    const tensor = results[name];
    if (tensor)
      writeAtomically(
        path,
        encodeNpy(tensor.dims, Float32Array.from(tensor.data as ArrayLike<number | bigint>, Number)),
      );
  }
  const { last } = model.stats;
  if (last)
    say(
      `${Math.round(last.ms)} ms, ${last.rounds} rounds, ${bytes(last.bytesSent)} sent, ${bytes(last.bytesReceived)} received`,
    );
  if (wanted.length > 0) return;
  const printed = Object.fromEntries(
    Object.entries(results).map(([name, { dims, data }]) => [
      name,
      { shape: [...dims], values: Array.from(data as ArrayLike<number | bigint>, Number) },
    ]),
  );
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(printed)}\n`
      : `${Object.entries(printed)
          .map(([name, { shape, values }]) => `${name} [${shape.join(', ')}]  ${shown(values)}`)
          .join('\n')}\n`,
  );
}

const shown = (values: readonly number[]): string =>
  `${values
    .slice(0, 20)
    .map((value) => Number(value.toFixed(4)))
    .join(' ')}${values.length > 20 ? ` … ${values.length} numbers; --out FILE.npy keeps all` : ''}`;

function nameOf(name: string | undefined, values: readonly ModelValue[], what: string): string {
  const known = values.map((value) => value.name);
  if (name !== undefined) {
    if (known.includes(name)) return name;
    throw new ModelFeedsError(`the model has no ${what} '${name}'; it has ${known.join(', ')}`);
  }
  if (known.length === 1) return known[0] as string;
  throw new ModelFeedsError(`the model has several ${what}s; say which: ${known.join(', ')}`);
}

function printInfo({ info, stats }: PrivateModel, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...info, connectMs: stats.connectMs }, undefined, 2)}\n`);
    return;
  }
  const values = (list: readonly ModelValue[]): string =>
    list.map(({ name, type, shape }) => `${name} ${type}[${shape.join(', ')}]`).join('; ');
  process.stdout.write(
    [
      `model    ${info.name}, served by ${info.service}`,
      `dealer   ${info.dealer.name}${info.dealer.ofTheService ? ', the service itself: private to nobody' : ''}`,
      `         key ${info.dealer.key}`,
      `inputs   ${values(info.inputs)}`,
      `outputs  ${values(info.outputs)}`,
      ...Object.entries(info.learns).map(
        ([who, what]) => `${`the ${who} learns`.padEnd(20)} ${what.join('; ')}`,
      ),
      '',
    ].join('\n'),
  );
}
