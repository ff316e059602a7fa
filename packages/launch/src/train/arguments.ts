/**
 * Arguments that a constructor would silently ignore: too many, or a number where options are. JavaScript does not say what
 * a constructor takes, so this reads its text; where that says nothing, nothing is refused.
 */

/** Names of parameters that are options, as the text of a constructor has them. */
const OPTIONS = /^(\{|options\b)/;

/**
 * The first argument that would have no effect.
 * @param made a class
 * @param args what follows the arguments that are always there
 * @param before how many of these there are
 * @returns its place and what is wrong; undefined where all have a parameter
 */
export function surplusArgument(
  made: { readonly name: string },
  args: readonly unknown[],
  before: number,
): { readonly index: number; readonly message: string } | undefined {
  const parameters = parametersOf(made)?.slice(before);
  if (!parameters || parameters.some((text) => text.startsWith('...'))) return undefined;
  const { name } = made;
  if (args.length > parameters.length) {
    const most =
      parameters.length === 0
        ? 'no arguments'
        : `${parameters.length} argument${parameters.length > 1 ? 's' : ''} at most`;
    return { index: parameters.length, message: `${name} takes ${most}, not ${args.length}` };
  }
  const index = args.findIndex(
    (value, i) =>
      OPTIONS.test(parameters[i]) && (typeof value !== 'object' || value === null || Array.isArray(value)),
  );
  if (index < 0) return undefined;
  return {
    index,
    message: `${name} takes options here, such as { name: value }, not ${JSON.stringify(args[index])}`,
  };
}

/** Texts of the parameters of a class or of the next base class with a constructor; none where no class has one. */
function parametersOf(made: unknown): readonly string[] | undefined {
  for (
    let current = made;
    typeof current === 'function' && current.prototype;
    current = Object.getPrototypeOf(current)
  ) {
    const text = Function.prototype.toString.call(current);
    if (!text.startsWith('class')) return undefined;
    const start = /(?:^|[\s{};])constructor\s*\(/.exec(text);
    if (start) return split(text.slice(start.index + start[0].length));
  }
  return [];
}

/** What is between commas, up to the parenthesis that closes. */
function split(text: string): readonly string[] | undefined {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    // Texts and regular expressions in defaults may hold anything.
    if (`'"\`/`.includes(c)) return undefined;
    if ('([{'.includes(c)) depth++;
    if (depth === 0 && (c === ',' || c === ')')) {
      const part = text.slice(from, i).trim();
      if (part !== '') parts.push(part);
      from = i + 1;
      if (c === ')') return parts;
    } else if (')]}'.includes(c)) depth--;
  }
  return undefined;
}
