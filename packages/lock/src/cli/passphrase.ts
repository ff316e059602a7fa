/** Where passphrases come from: a file, the environment, or a prompt that shows nothing of them. */
import { ArgumentError } from '@tacit/errors';
import { readWhole } from '@tacit/files';
import { type Command, Option } from 'commander';
import { LockKeyError } from '../errors.js';

/** The environment variable of the passphrase. */
export const PASSPHRASE_VARIABLE = 'TACIT_LOCK_PASSPHRASE';

/** What a terminal sends for Ctrl-C, Ctrl-D, Ctrl-U and the delete key. */
const INTERRUPT = '\u0003';
const END_OF_INPUT = '\u0004';
const ERASE_LINE = '\u0015';
const DELETE = '\u007f';

/** The options that say where a passphrase comes from. */
export interface PassphraseFlags {
  readonly passphraseFile?: string;
}

/** The options of commands that write a key. */
export interface NewKeyFlags extends PassphraseFlags {
  readonly jsonKey?: boolean;
  readonly force?: boolean;
}

/**
 * Adds `--passphrase-file`.
 * @param command gets it
 * @returns the same
 */
export const withPassphrase = (command: Command): Command =>
  command.addOption(
    new Option(
      '--passphrase-file <FILE>',
      `first line is the passphrase of the key (else ${PASSPHRASE_VARIABLE}, or a prompt)`,
    ),
  );

/**
 * Adds what commands that write a key have in common: `--json-key`, `--force`, `--passphrase-file`.
 * @param command gets them
 * @returns the same
 */
export const withNewKey = (command: Command): Command =>
  withPassphrase(command)
    .option('--json-key', 'write the key open, as JSON, without a passphrase')
    .option('--force', 'replace files that are there, keys too');

/**
 * How a new key is to be written: open JSON, or sealed in the binary form.
 * @param flags of the command line
 * @returns options for `writeKey` and `stageKey`
 * @throws as `passphraseFor`
 */
export async function newKeyOptions({ jsonKey, force, passphraseFile }: NewKeyFlags) {
  if (jsonKey) return { form: 'json', force } as const;
  return { form: 'binary', force, passphrase: await passphraseFor({ passphraseFile }, true) } as const;
}

/**
 * The passphrase.
 * @param flags of the command line
 * @param confirm whether a prompt asks twice, for a new key
 * @returns the passphrase, which is not empty
 * @throws LockKeyError (`LOCK_KEY_PASSPHRASE`) where there is none, or the two differ; ArgumentError for an empty file
 */
export async function passphraseFor({ passphraseFile }: PassphraseFlags, confirm = false): Promise<string> {
  if (passphraseFile !== undefined) {
    const [line] = new TextDecoder().decode(await readWhole(passphraseFile)).split(/\r?\n/);
    if (!line)
      throw new ArgumentError(`the first line of ${passphraseFile} is empty: it should be the passphrase`);
    return line;
  }
  const given = process.env[PASSPHRASE_VARIABLE];
  if (given) return given;
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new LockKeyError(
      'LOCK_KEY_PASSPHRASE',
      `the key needs a passphrase, and there is no terminal to ask at: --passphrase-file FILE, or ${PASSPHRASE_VARIABLE}${confirm ? '; or --json-key for a key that is open' : ''}`,
    );
  const first = confirm ? 'Passphrase for the new key: ' : 'Passphrase of the key: ';
  const [passphrase, again] = await prompt(confirm ? [first, 'The same again: '] : [first]);
  if (passphrase === '') throw new LockKeyError('LOCK_KEY_PASSPHRASE', 'no passphrase was given');
  if (confirm && again !== passphrase)
    throw new LockKeyError('LOCK_KEY_PASSPHRASE', 'the two passphrases differ; nothing was written');
  return passphrase;
}

/** Lines from the terminal, one for each text, of which nothing is shown. */
function prompt(texts: readonly string[]): Promise<string[]> {
  const { stdin, stderr } = process;
  stderr.write(texts[0]);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    let line = '';
    const end = (): void => {
      stdin.off('data', take);
      stdin.setRawMode(false);
      stdin.pause();
    };
    const take = (chunk: string): void => {
      for (const character of chunk) {
        if (character === '\r' || character === '\n' || character === END_OF_INPUT) {
          lines.push(line);
          line = '';
          stderr.write(`\n${texts[lines.length] ?? ''}`);
          if (lines.length === texts.length) {
            end();
            resolve(lines);
            return;
          }
        } else if (character === INTERRUPT) {
          end();
          stderr.write('\n');
          reject(new LockKeyError('LOCK_KEY_PASSPHRASE', 'cancelled at the prompt; nothing was written'));
          return;
        } else if (character === DELETE || character === '\b') line = [...line].slice(0, -1).join('');
        else if (character === ERASE_LINE) line = '';
        else if (character >= ' ') line += character;
      }
    };
    stdin.on('data', take);
  });
}
