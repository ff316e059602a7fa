/** Alice with rows, Bob with a model, the dealer Carol; and what the rows score in the clear. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { submitBatch } from '@tacit/batch';
import { encodeNpy, type Numbers, writeAtomically } from '@tacit/files';
import { buildGraph, evaluatePlain, parseOnnx, specialize } from '@tacit/onnx';
import { randomInteger } from '@tacit/testing';
import { fixtureBytes } from '@tacit/testing/fixtures';
import { expect } from 'chai';
import { freePort, type World } from '../../../daemon/test/helpers/organisations.js';

/** The program of the package, as both have installed it. */
export const PREDICT = fileURLToPath(new URL('../../programs/predict.mjs', import.meta.url));
export const RULE = { name: 'predict', quota: undefined };
const MODEL = 'mlp_50_20_2/model.onnx';
const MODEL_PATH = fileURLToPath(new URL(`../../../../fixtures/${MODEL}`, import.meta.url));
export const FEATURES = 50;

/** The settings of a member; `more` are lines of YAML. */
export const memberConfig = (port: number, more = ''): string =>
  `listen: { port: ${port} }\naddress: wss://127.0.0.1:${port}\ndrain: 0s\nprograms: [{ name: predict, file: ${PREDICT}, files: { model: ${MODEL_PATH} } }]\n${more}`;

/** Homes of alice, bob and carol, who have paired while daemons that `start` starts were there. */
export async function pairThree(
  here: World,
  config: { readonly alice?: string; readonly bob?: string; readonly carol?: string },
  start: (name: string, role: 'party' | 'dealer') => Promise<unknown>,
): Promise<void> {
  const ports = { bob: await freePort(), carol: await freePort() };
  await here.organisation('alice', config.alice);
  await here.organisation('bob', memberConfig(ports.bob, config.bob));
  await here.organisation('carol', memberConfig(ports.carol, config.carol));
  await Promise.all([start('bob', 'party'), start('carol', 'dealer')]);
  const at = (name: 'bob' | 'carol'): string => `wss://127.0.0.1:${ports[name]}`;
  await here.pair('bob', 'alice', { address: at('bob'), programs: [{ name: 'predict' }] });
  await here.pair('carol', 'alice', {
    address: at('carol'),
    programs: [{ name: 'predict' }],
    issuerRole: 'dealer',
  });
  await here.pair('carol', 'bob', { address: at('carol'), issuerRole: 'dealer' });
}

/** Rows at random, and their file. */
export function writeRows(here: World, rows: number): { readonly path: string; readonly rows: Numbers } {
  const data = Float64Array.from({ length: rows * FEATURES }, () => randomInteger(4001) / 1000 - 2);
  const path = join(here.folder, `rows-${rows}.npy`);
  writeAtomically(path, encodeNpy([rows, FEATURES], data));
  return { path, rows: { shape: [rows, FEATURES], data } };
}

export const submit = (here: World, input: string, rowsPerShard: number) =>
  submitBatch({
    batches: join(here.home('alice'), 'batches'),
    input,
    programFile: PREDICT,
    program: 'predict',
    with: ['bob'],
    dealer: 'carol',
    rowsPerShard,
  });

/** What the model makes of rows, in double precision. */
export function scoresOf(rows: Numbers): Float64Array {
  const graph = buildGraph(parseOnnx(fixtureBytes(MODEL)));
  const name = graph.inputs[0]?.name ?? '';
  const outputs = evaluatePlain(specialize(graph, { [name]: rows.shape }), { [name]: rows });
  return Object.values(outputs)[0]?.data as Float64Array;
}

/** Every row once, in its place, and right. */
export function expectScores(found: Numbers, rows: Numbers): void {
  const wanted = scoresOf(rows);
  expect(found.shape).to.deep.equal([rows.shape[0], wanted.length / (rows.shape[0] ?? 1)]);
  expect(found.data.length).to.equal(wanted.length);
  const off = Math.max(...wanted.map((want, i) => Math.abs(want - (found.data[i] ?? Number.NaN))));
  expect(off, 'the largest difference').to.be.lessThan(0.01);
}
