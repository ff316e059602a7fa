// A line of text as a grey picture of a fixed size: the outlines of the font, filled by counting how often a ray to
// the right crosses them, with some sample points in each pixel for soft edges.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import opentype from 'opentype.js';

export const HEIGHT = 48;
export const WIDTH = 320;

/** Of text that is not too wide. */
const FONT_SIZE = 36;
const BASELINE = 36;
const MARGIN = 8;
/** Sample rows and columns of a pixel. */
const SAMPLES = 4;
/** Chords of a curve. */
const CHORDS = 8;

const file = import.meta.resolve('@fontsource/roboto/files/roboto-latin-400-normal.woff');
const bytes = readFileSync(fileURLToPath(file));
const font = opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));

/** The text in black on white: HEIGHT rows of WIDTH grey values from 0 to 255. */
export function picture(text) {
  const glyphs = Array.from(text, (character) => font.charToGlyph(character));
  const width = glyphs.reduce((sum, { advanceWidth }) => sum + advanceWidth, 0);
  const size = Math.min(FONT_SIZE, ((WIDTH - 2 * MARGIN) * font.unitsPerEm) / width);
  let pen = MARGIN;
  const edges = glyphs.flatMap((glyph) => {
    const { commands } = glyph.getPath(pen, BASELINE, size);
    pen += (glyph.advanceWidth * size) / font.unitsPerEm;
    return edgesOf(commands);
  });
  const rows = HEIGHT * SAMPLES;
  const columns = WIDTH * SAMPLES;
  const ink = new Float64Array(HEIGHT * WIDTH);
  for (let row = 0; row < rows; row++) {
    const y = (row + 0.5) / SAMPLES;
    const crossings = edges
      .filter(([, y0, , y1]) => y0 <= y !== y1 <= y)
      .map(([x0, y0, x1, y1]) => ({
        x: x0 + ((y - y0) / (y1 - y0)) * (x1 - x0),
        turn: y1 > y0 ? 1 : -1,
      }))
      .sort((a, b) => a.x - b.x);
    let winding = 0;
    crossings.forEach(({ x, turn }, i) => {
      winding += turn;
      if (winding === 0) return;
      const from = Math.ceil(x * SAMPLES - 0.5);
      const to = Math.min(columns, Math.ceil(crossings[i + 1].x * SAMPLES - 0.5));
      for (let column = Math.max(0, from); column < to; column++)
        ink[Math.floor(row / SAMPLES) * WIDTH + Math.floor(column / SAMPLES)] += 1 / SAMPLES ** 2;
    });
  }
  return Uint8Array.from(ink, (covered) => Math.round(255 * (1 - covered)));
}

/** The closed outlines of a path as straight edges [x0, y0, x1, y1]. */
function edgesOf(commands) {
  const edges = [];
  let [x, y, startX, startY] = [0, 0, 0, 0];
  const line = (toX, toY) => {
    edges.push([x, y, toX, toY]);
    [x, y] = [toX, toY];
  };
  for (const c of commands) {
    if (c.type === 'M') [x, y, startX, startY] = [c.x, c.y, c.x, c.y];
    else if (c.type === 'L') line(c.x, c.y);
    else if (c.type === 'Z') line(startX, startY);
    else {
      // A quadratic curve is the cubic one with both control points two thirds on the way to its own.
      const [px, py] = [x, y];
      const towards = (from, to) => from + (2 / 3) * (to - from);
      const [ax, ay] = c.type === 'Q' ? [towards(px, c.x1), towards(py, c.y1)] : [c.x1, c.y1];
      const [bx, by] = c.type === 'Q' ? [towards(c.x, c.x1), towards(c.y, c.y1)] : [c.x2, c.y2];
      for (let i = 1; i <= CHORDS; i++) {
        const t = i / CHORDS;
        const s = 1 - t;
        const at = (p, a, b, q) => s ** 3 * p + 3 * s * s * t * a + 3 * s * t * t * b + t ** 3 * q;
        line(at(px, ax, bx, c.x), at(py, ay, by, c.y));
      }
    }
  }
  return edges;
}

/** The picture as the model wants it: three equal channels from -1 to 1. */
export function normalised(grey) {
  const channel = Array.from(grey, (v) => (v / 255 - 0.5) / 0.5);
  return [...channel, ...channel, ...channel];
}

/** The picture as text for a terminal: a character for two columns of four rows. */
export function shown(grey) {
  const lines = [];
  for (let y = 4; y + 4 <= HEIGHT; y += 4) {
    let text = '';
    for (let x = 0; x < WIDTH; x += 3) {
      const dark = (top) => {
        let sum = 0;
        for (let dy = 0; dy < 2; dy++)
          for (let dx = 0; dx < 3 && x + dx < WIDTH; dx++) sum += 255 - grey[(y + top + dy) * WIDTH + x + dx];
        return sum > 3 * 255 * 0.8;
      };
      text += [' ', '▄', '▀', '█'][(dark(0) ? 2 : 0) + (dark(2) ? 1 : 0)];
    }
    lines.push(text.trimEnd());
  }
  while (lines.length > 0 && lines[0] === '') lines.shift();
  while (lines.length > 0 && lines[lines.length - 1] === '') lines.pop();
  return lines;
}
