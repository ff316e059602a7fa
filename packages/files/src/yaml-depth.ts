/** How deep a text could nest, found without parsing it. */

/** No file of settings needs more. */
const MOST_BRACKETS = 64;
const MOST_INDICATORS = 64;
const MOST_INDENTATION = 200;

/**
 * Where a text in YAML may nest deeper than any file of settings: to be asked before a parser of YAML is, since parsers
 * call themselves for each level, and the engine of Node.js may end the process, not only the call, where the stack ends.
 * An upper bound is enough: brackets in quotes count as well, and every level of block style needs a column of indentation
 * or a `-` or `?` of its own.
 * @param text of a file
 * @returns the offset; undefined where it does not
 * @example const deep = yamlTooDeepAt(text);
 * if (deep !== undefined) throw new Error(`nested too deeply at character ${deep}`);
 */
export function yamlTooDeepAt(text: string): number | undefined {
  let brackets = 0;
  let start = 0;
  for (const line of text.split('\n')) {
    const indentation = line.length - line.trimStart().length;
    // Lines of spaces alone nest nothing.
    if (indentation > MOST_INDENTATION && indentation < line.length) return start + indentation;
    let indicators = 0;
    for (let i = 0; i < line.length; i++) {
      const c = line[i];
      if (c === '[' || c === '{') brackets++;
      else if (c === ']' || c === '}') brackets = Math.max(0, brackets - 1);
      else if ((c === '-' || c === '?') && /\s/.test(line[i + 1] ?? ' ')) indicators++;
      if (brackets > MOST_BRACKETS || indicators > MOST_INDICATORS) return start + i;
    }
    start += line.length + 1;
  }
  return undefined;
}
