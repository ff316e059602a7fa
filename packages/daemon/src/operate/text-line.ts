/** Lines of the log for people. */

/** What each line has, and what is not shown again behind it. */
const HEAD = new Set(['level', 'time', 'msg', 'name']);

/**
 * A line of JSON as text: `09:30:00 warn  waiting for bob  op=connect peer=bob`.
 * @param json as pino made it
 * @returns the text, with its end
 */
export function textLine(json: string): string {
  const line = JSON.parse(json) as Record<string, unknown>;
  const fields = Object.entries(line)
    .filter(([name]) => !HEAD.has(name))
    .map(([name, value]) => `${name}=${shown(value)}`);
  const time = String(line.time).slice(11, 19);
  const parts = [`${time} ${String(line.level).padEnd(5)} ${plain(String(line.msg ?? ''))}`, ...fields];
  return `${parts.join('  ')}\n`;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w.:/@-]+$/.test(text) ? text : plain(typeof value === 'string' ? JSON.stringify(value) : text);
}

/** Names and reasons may come from a peer: no control characters, which a terminal would obey. */
const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
