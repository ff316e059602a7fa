/** Many inferences of one model, with the memory that the thread holds before and after. Run by memory.slow.ts. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Graph } from '@tacit/nn';
import { architectureOf, buildGraph, graphFromArchitecture, parseOnnx, specialize } from '@tacit/onnx';
import type { Party } from '@tacit/tensor';
import { fixtureBytes } from '@tacit/testing/fixtures';

export interface Job {
  readonly model: string;
  readonly inputShape: readonly number[];
  readonly mode: 'owned' | 'shared';
  readonly warmUp: number;
  readonly count: number;
}

/** Bytes after a full garbage collection, at so many points of the way. */
const POINTS = 8;
export type Usage = readonly number[];

/** Buffers that were given away are freed only after some turns. */
async function usedBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  for (let i = 0; i < 2; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage(); // external has the array buffers
  return heapUsed + external;
}

export async function inferRepeatedly(party: Party, job: Job): Promise<Usage> {
  const own = party.rank === 0 ? buildGraph(parseOnnx(fixtureBytes(`${job.model}/model.onnx`))) : undefined;
  const architecture = await party.announce(own && architectureOf(own), { src: 0 });
  const graph = own ?? graphFromArchitecture(architecture);
  const network = new Graph(specialize(graph, { [graph.inputs[0].name]: job.inputShape }));
  network.encrypt(party, { src: 0, mode: job.mode });
  const values = new Float64Array(job.inputShape.reduce((a, b) => a * b, 1)).fill(0.25);
  const infer = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      const x = party.cryptensor(values, { src: 1, shape: job.inputShape });
      const y = network.forward(x);
      await y.reveal({ to: 1 });
      x.dispose();
      y.dispose();
    }
  };
  const usage: number[] = [];
  await infer(job.warmUp);
  for (let i = 0; i < POINTS; i++) {
    await party.announce(0, { src: 0 }); // parties in step
    await party.announce(0, { src: 1 });
    usage.push(await usedBytes());
    await infer(Math.ceil(job.count / POINTS));
  }
  network.dispose();
  return usage;
}
