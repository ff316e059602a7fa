// Digits as text: two pixels a character, one above the other. With colour in shades of grey, without it in black and
// white.
import { colour, columns } from './style.mjs';

const SIDE = 28;
/** MNIST centres its digits in a box of 20 by 20. */
const [FROM, TO] = [4, 24];
const WIDTH = TO - FROM;
const GAP = 3;
const INDENT = 2;

/** A digit of 784 grey values 0..255 as lines of text. */
export function picture(pixels) {
  const at = (y, x) => pixels[y * SIDE + x];
  const lines = [];
  for (let y = FROM; y < TO; y += 2) {
    let line = '';
    for (let x = FROM; x < TO; x++)
      line += colour ? shades(at(y, x), at(y + 1, x)) : halves(at(y, x) > 100, at(y + 1, x) > 100);
    lines.push(colour ? `${line}\x1b[0m` : line);
  }
  return lines;
}

const halves = (upper, lower) => (upper ? (lower ? '█' : '▀') : lower ? '▄' : ' ');
/** The 24 greys of a terminal with 256 colours, 232 the darkest. */
const grey = (value) => 232 + Math.round((value / 255) * 23);
const shades = (upper, lower) => `\x1b[38;5;${grey(upper)};48;5;${grey(lower)}m▀`;

/** Pictures in rows as wide as the terminal, each with its caption (`width` counts without colour codes). */
export function sideBySide(digits) {
  const perRow = Math.max(1, Math.floor((columns - INDENT + GAP) / (WIDTH + GAP)));
  const lines = [];
  for (let i = 0; i < digits.length; i += perRow) {
    const row = digits.slice(i, i + perRow);
    const pictures = row.map(({ pixels }) => picture(pixels));
    for (let y = 0; y < pictures[0].length; y++) lines.push(pictures.map((p) => p[y]).join(' '.repeat(GAP)));
    lines.push(
      row
        .map(({ caption }) => caption.padEnd(WIDTH + GAP))
        .join('')
        .trimEnd(),
      '',
    );
  }
  return lines;
}
