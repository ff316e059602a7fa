/** The kinds of values that the settings are made of. */
import * as v from 'valibot';

const TEXT = 'must be a text';

/**
 * A setting with its description, for editors.
 * @param schema of the setting
 * @param text one line
 * @returns the schema
 */
export const about = <T extends v.GenericSchema>(schema: T, text: string) =>
  v.pipe(schema, v.description<v.InferOutput<T>, string>(text));

/** A name that people and files can carry: letters of any case, digits, dots, dashes, underscores. */
export const name = v.pipe(
  v.string(TEXT),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'must be a name: letters, digits, dots, dashes and underscores, 64 at most, a letter or digit first',
  ),
);

/** A path of a file; those of a config file are relative to its folder, those of flags to the current one. */
export const path = v.pipe(
  v.string(TEXT),
  v.nonEmpty('must not be empty'),
  v.maxLength(4096, 'is too long'),
  // Of a path with it, the system would see the beginning.
  v.regex(/^[^\0]*$/, 'must not hold a zero character'),
);

/** A host name or an address of IP, without a port. */
export const host = v.pipe(
  v.string(TEXT),
  v.maxLength(253, 'is too long'),
  v.regex(/^[A-Za-z0-9._:-]+$/, "must be a host name or an IP address without a port, such as '127.0.0.1'"),
);

/**
 * A whole number.
 * @param low the least
 * @param high the greatest
 * @returns the schema
 */
export const whole = (low: number, high: number) => {
  const message = `must be a whole number from ${low} to ${high}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(low, message), v.maxValue(high, message));
};

/** Of a server; 0 lets the system choose. */
export const port = whole(0, 65_535);

/** true or false. */
export const flag = v.boolean('must be true or false');

/**
 * An address with one of some schemes, a host, and no user, password or fragment in it.
 * @param schemes with the colon, e.g. `wss:`
 * @param example shown where the value is none
 * @returns the schema
 */
export const address = (schemes: readonly string[], example: string) =>
  v.pipe(
    v.string(TEXT),
    v.maxLength(2048, 'is too long'),
    v.regex(
      new RegExp(`^(?:${schemes.join('|')})//[^\\s/?#]`),
      `must be an address that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}, such as '${example}'`,
    ),
    v.check(
      (text) => isAddress(text),
      `must be an address with a host, without user, password or fragment, such as '${example}'`,
    ),
  );

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.hostname !== '' && url.username === '' && url.password === '' && url.hash === '';
}

/**
 * What a program may be given as arguments: none, any, or a list, each entry an argument or `*` for one of any text.
 */
export const argumentsRule = v.union(
  [v.picklist(['none', 'any']), v.pipe(v.array(v.pipe(v.string(), v.maxLength(1000))), v.maxLength(100))],
  "must be 'none', 'any' or a list of arguments, in which '*' stands for any one",
);
