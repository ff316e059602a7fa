/** Equations of Einstein sums: 'bij,bjk->bik', with '...' for axes that broadcast. */
import { ShapeError } from '@tacit/errors';
import type { Dim, Shape } from '../../shape/dims.js';
import { show } from '../../shape/dims.js';

/** An equation for operands of given shapes. Axes of '...' are labelled by their distance from the end. */
export interface Equation {
  /** A label for each axis of each operand. */
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
  readonly sizes: ReadonlyMap<string, Dim>;
}

/** @throws ShapeError where the equation cannot be read, or does not fit the shapes */
export function readEquation(text: string, shapes: readonly Shape[]): Equation {
  const wrong = (why: string) => new ShapeError(`the equation '${text}' ${why}`);
  const [inputs, output, ...more] = text.replaceAll(' ', '').split('->');
  const terms = inputs.split(',');
  if (more.length > 0) throw wrong("has more than one '->'");
  for (const term of [...terms, ...(output === undefined ? [] : [output])])
    if (!/^[a-zA-Z]*(\.\.\.)?[a-zA-Z]*$/.test(term))
      throw wrong(`has '${term}', which is not letters and '...'`);
  if (terms.length !== shapes.length) throw wrong(`is for ${terms.length} operands, not ${shapes.length}`);

  const sizes = new Map<string, Dim>();
  const operands = terms.map((term, i) => {
    const [shape, letters] = [shapes[i], term.replace('...', '').length];
    const broadcast = shape.length - letters;
    if (term.includes('...') ? broadcast < 0 : broadcast !== 0)
      throw wrong(`has ${letters} letters for the axes of ${show(shape)}`);
    const labels = labelsOf(term, broadcast);
    labels.forEach((label, axis) => {
      const merged = merge(sizes.get(label), shape[axis]);
      if (merged === undefined)
        throw wrong(`gives '${label}' the sizes ${sizes.get(label)} and ${shape[axis]}`);
      sizes.set(label, merged);
    });
    return labels;
  });
  const rank = Math.max(0, ...[...sizes.keys()].filter(isBroadcast).map(Number));
  return { operands, output: outputOf(output, operands, rank, sizes, wrong), sizes };
}

const isBroadcast = (label: string) => /\d/.test(label);

/** Letters, and numbers from the end for the axes of '...'. */
function labelsOf(term: string, broadcast: number): string[] {
  const [before, after = ''] = term.split('...');
  const middle = Array.from({ length: term.includes('...') ? broadcast : 0 }, (_, i) => `${broadcast - i}`);
  return [...before, ...middle, ...after];
}

function merge(a: Dim | undefined, b: Dim): Dim | undefined {
  if (a === undefined || a === b || a === 1) return b;
  if (b === 1 || typeof b === 'string') return a;
  return typeof a === 'string' ? b : undefined;
}

function outputOf(
  given: string | undefined,
  operands: readonly (readonly string[])[],
  rank: number,
  sizes: ReadonlyMap<string, Dim>,
  wrong: (why: string) => Error,
): string[] {
  const all = operands.flat().filter((label) => !isBroadcast(label));
  // Without an arrow: what occurs once, in the order of the alphabet, behind the axes of '...'.
  const once = all.filter((label) => all.filter((other) => other === label).length === 1).sort();
  const output = labelsOf(given ?? `...${once.join('')}`, rank);
  if (new Set(output).size !== output.length) throw wrong('names a letter twice in its result');
  const missing = output.find((label) => !sizes.has(label));
  if (missing !== undefined) throw wrong(`has '${missing}' in its result only`);
  return output;
}
