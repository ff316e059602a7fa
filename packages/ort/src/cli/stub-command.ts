/** `tacit stub`: what is published in place of a private model. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { bytes, table } from '@tacit/cli-kit';
import { ArgumentError } from '@tacit/errors';
import { FileError, readWhole, requireFolder, stageFile } from '@tacit/files';
import type { Command } from 'commander';

const HELP = `
A stub is an ONNX file with the inputs and outputs of a model and no weight. Programs open it in place of the model: with
executionProviders: ['tacit'], or by transformers.js. With --invite the stub has the invite in it: whoever has the stub may
ask the model, within the quota of the invite, and the stub is readable by its owner only. Without it, programs give one.

Examples:
  tacit stub model.onnx -o stub.onnx
  tacit stub model.onnx --invite - -o stub.onnx < invite.txt
  tacit stub onnx/model.onnx --transformers published    # published/onnx/model.onnx, published/config.json, …
  tacit stub stub.onnx --show
`;

interface Flags {
  readonly invite?: string;
  readonly name?: string;
  readonly output?: string;
  readonly openShapes?: boolean;
  readonly transformers?: string;
  readonly show?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/**
 * Adds the command.
 * @param program the command `tacit`
 */
export function addStub(program: Command): void {
  program
    .command('stub')
    .description('write what stands for a private model: its inputs and outputs, and no weight')
    .argument('<MODEL.onnx>', 'the model, which is read only; with --show a stub')
    .option(
      '--invite <INVITE>',
      "by which the model is asked: tacit:1:…, or '-' to read it from the standard input",
    )
    .option('--name <NAME>', 'what the model is called, for programs with invites to several')
    .option('-o, --output <FILE>', 'the stub (default: stub.onnx)')
    .option('--open-shapes', 'tell how many axes inputs and outputs have, not how long they are')
    .option(
      '--transformers <FOLDER>',
      'write a folder for transformers.js, from the one that the model is in',
    )
    .option('--show', 'say what a stub says, and write nothing')
    .option('--json', 'with --show, print as JSON')
    .option('--force', 'replace files that are there')
    .addHelpText('after', HELP)
    .action(stub);
}

async function stub(path: string, flags: Flags): Promise<void> {
  if (flags.show) return show(path, flags);
  const { name, transformers, force = false } = flags;
  const invite = flags.invite === '-' ? (await text(process.stdin)).trim() : flags.invite;
  // An invite is a secret of those who have it.
  const mode = invite === undefined ? undefined : 0o600;
  if (transformers !== undefined && flags.output !== undefined)
    throw new ArgumentError('--transformers says where the stub goes: leave -o out');
  const { stubOf } = await import('../stub/stub-of.js');
  const model = await readWhole(path);
  const made = stubOf(model, { invite, name, keepShapes: !flags.openShapes });
  if (transformers !== undefined) {
    const { publishFolder } = await import('./transformers-folder.js');
    const written = await publishFolder(path, transformers, made, { force, mode });
    print(written.map((file) => ['wrote', file]));
  } else {
    const output = flags.output ?? 'stub.onnx';
    if (resolve(output) === resolve(path))
      throw new ArgumentError(`${output} is the model itself: the stub goes into another file`);
    requireFolder(output);
    if (!force && existsSync(output))
      throw new FileError('FILE_NOT_WRITABLE', output, `${output} is there already; --force replaces it`);
    stageFile(output, made, { exclusive: !force, mode }).commit();
    print([['stub', `${output}, ${bytes(made.length)}`]]);
  }
  await list(made);
}

async function show(path: string, { json }: Flags): Promise<void> {
  const { readStub } = await import('../stub/read-stub.js');
  const file = await readWhole(path);
  const found = readStub(file);
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...found, invite: found.invite !== undefined }, null, 2)}\n`);
    return;
  }
  print([
    ['model', found.name ?? 'not named'],
    ['invite', found.invite === undefined ? 'none: programs give it' : 'in the stub: whoever has it may ask'],
  ]);
  await list(file);
}

/** Its inputs and outputs. */
async function list(file: Uint8Array): Promise<void> {
  const { readStub } = await import('../stub/read-stub.js');
  const { inputs, outputs } = readStub(file);
  const row = (what: string, { name, type, shape }: (typeof inputs)[number]) => [
    what,
    name,
    type,
    shape ? `[${shape.join(', ')}]` : 'any',
  ];
  const rows = [...inputs.map((one) => row('input', one)), ...outputs.map((one) => row('output', one))];
  process.stdout.write(`\n${table(['', 'name', 'type', 'shape'], rows).join('\n')}\n`);
}

function print(rows: readonly (readonly [name: string, value: string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  process.stdout.write(rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join(''));
}
