/** Flags of the commands, as commander gives them. */
import { ServiceUsageError } from '../errors.js';

export interface ServeFlags {
  readonly home?: string;
  readonly config?: string;
  readonly name?: string;
  readonly model?: readonly string[];
  readonly dealer?: string;
  readonly listen?: string;
  readonly address?: string;
  readonly origin?: readonly string[];
  readonly sessions: number;
  readonly atOnce: number;
  readonly idle?: number;
  readonly spares: number;
  readonly inputShape?: readonly string[];
  readonly invite?: boolean;
  readonly trial?: boolean;
}

export interface InviteFlags {
  readonly home?: string;
  readonly for?: string;
  readonly expires?: number;
  readonly questions?: number;
  readonly bytes?: number;
  readonly atOnce?: number;
  readonly once?: boolean;
}

export interface AskFlags {
  readonly input?: readonly string[];
  readonly out?: readonly string[];
  readonly info?: boolean;
  readonly json?: boolean;
  readonly dealerKey?: string;
  readonly trial?: boolean;
  readonly quiet?: boolean;
}

/**
 * NAME=VALUE.
 * @param text of a flag
 * @param flag for the message
 * @returns both; undefined as the name where there is no equals sign
 */
export function named(text: string, flag: string): readonly [name: string | undefined, value: string] {
  const at = text.indexOf('=');
  const [name, value] = at < 0 ? [undefined, text] : [text.slice(0, at), text.slice(at + 1)];
  if (name === '' || value === '') throw new ServiceUsageError(`${flag} takes NAME=VALUE, not '${text}'`);
  return [name, value];
}

/**
 * Sizes by name.
 * @param texts such as `input_ids=batch,64`
 * @returns for `ModelToServe`; undefined without any
 */
export function shapesOf(
  texts: readonly string[] | undefined,
): Readonly<Record<string, readonly (number | string)[]>> | undefined {
  if (texts === undefined) return undefined;
  return Object.fromEntries(
    texts.map((text) => {
      const [name, sizes] = named(text, '--input-shape');
      if (name === undefined) throw new ServiceUsageError(`--input-shape takes NAME=SIZES, not '${text}'`);
      return [name, sizes.split(/[,x]/).map((size) => (/^\d+$/.test(size) ? Number(size) : size.trim()))];
    }),
  );
}
