// Colour where it is wanted: on a terminal, unless NO_COLOR is set.
const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
/** A party's output is printed by the process that started it, which passes its own answer on. */
export const colour = FORCE_COLOR
  ? FORCE_COLOR !== '0'
  : process.stdout.isTTY === true && !NO_COLOR && TERM !== 'dumb';
export const columns = Math.max(40, Number(process.env.COLUMNS) || process.stdout.columns || 80);

const paint = (code) => (text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
export const style = {
  title: paint('1'),
  heading: paint('1;36'),
  quiet: paint('2'),
  good: paint('32'),
  bad: paint('31'),
};

/** Breaks a text into lines that fit. */
export function proseWidth(text) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const longer = lines.at(-1) === '' ? word : `${lines.at(-1)} ${word}`;
    if (longer.length <= Math.min(columns, 90)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join('\n');
}
