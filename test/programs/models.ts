/**
 * Private inference with the fixture models: party OWNER opens the model files, party CLIENT the inputs. Run by
 * models.slow.ts through runExported.
 */
import { Graph } from '@tacit/nn';
import { architectureOf, buildGraph, graphFromArchitecture, parseOnnx, specialize } from '@tacit/onnx';
import type { Party } from '@tacit/tensor';
import { fixtureArray, fixtureBytes } from '@tacit/testing/fixtures';

export const OWNER = 0;
export const CLIENT = 1;

export interface Job {
  readonly model: string;
  /** 'stored' runs the model's stored input; a number runs so many test digits in batches of the model's input. */
  readonly inputs: 'stored' | number;
  readonly mode: 'owned' | 'shared';
}

export interface JobResult {
  readonly model: string;
  readonly maxError: number;
  /** Inputs on which the largest output is the plaintext model's. */
  readonly agreeing: number;
  readonly inputs: number;
}

/** Runs jobs one after another; the client compares with plaintext, the others return nothing. */
export async function runJobs(party: Party, jobs: readonly Job[]): Promise<JobResult[]> {
  const results: JobResult[] = [];
  for (const job of jobs) {
    const result = await runJob(party, job);
    if (result) results.push(result);
  }
  return results;
}

async function runJob(party: Party, job: Job): Promise<JobResult | undefined> {
  const own =
    party.rank === OWNER ? buildGraph(parseOnnx(fixtureBytes(`${job.model}/model.onnx`))) : undefined;
  const architecture = await party.announce(own && architectureOf(own), { src: OWNER });
  const graph = own ?? graphFromArchitecture(architecture);
  const client = party.rank === CLIENT ? readInputs(job) : undefined;
  const { count, shape } = await party.announce(client && { count: client.count, shape: client.shape }, {
    src: CLIENT,
  });
  const network = new Graph(specialize(graph, { [graph.inputs[0].name]: shape }));
  network.encrypt(party, { src: OWNER, mode: job.mode });
  const size = shape.reduce((a, b) => a * b, 1);
  const outputs: number[] = [];
  for (let from = 0; from < count; from += shape[0]) {
    const batch = client && new Float64Array(size);
    batch?.set(client?.data.subarray((from / shape[0]) * size, (from / shape[0] + 1) * size) ?? []);
    const x = party.cryptensor(batch, { src: CLIENT, shape });
    const y = network.forward(x);
    const revealed = await y.revealFloat64({ to: CLIENT });
    outputs.push(...(revealed?.data ?? []));
    x.dispose();
    y.dispose();
  }
  network.dispose();
  return client && compare(job.model, outputs, client.expected, count);
}

function readInputs({ model, inputs }: Job) {
  const stored = fixtureArray(`${model}/input.npy`);
  if (inputs === 'stored')
    return {
      count: stored.shape[0],
      shape: stored.shape,
      data: stored.data,
      expected: fixtureArray(`${model}/output.npy`).data,
    };
  const images = fixtureArray('mnist_test_1000/images.npy').data;
  return {
    count: inputs,
    shape: stored.shape,
    data: images.map((v) => v / 255),
    expected: fixtureArray(`${model}/logits_test1000.npy`).data,
  };
}

function compare(
  model: string,
  outputs: readonly number[],
  expected: Float64Array,
  count: number,
): JobResult {
  const classes = expected.length / (expected.length === 10_000 ? 1000 : count);
  let maxError = 0;
  let agreeing = 0;
  for (let i = 0; i < count; i++) {
    const mine = outputs.slice(i * classes, (i + 1) * classes);
    const plain = Array.from(expected.subarray(i * classes, (i + 1) * classes));
    mine.forEach((v, j) => {
      maxError = Math.max(maxError, Math.abs(v - plain[j]));
    });
    if (mine.indexOf(Math.max(...mine)) === plain.indexOf(Math.max(...plain))) agreeing++;
  }
  return { model, maxError, agreeing, inputs: count };
}
