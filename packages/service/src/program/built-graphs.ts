/** Graphs of a model that can be built for known sizes only, at the service: one is built for each shape, and told. */
import { TacitError } from '@tacit/errors';
import { architectureOf, type ModelGraph, numbersOf, type Parameter, specialize } from '@tacit/graph';
import { withWeightScales } from '@tacit/nn';
import type { Party } from '@tacit/tensor';
import { ModelFeedsError } from '../errors.js';
import { type GraphSource, requireDeclared } from './graph-source.js';
import { byName, SERVICE, type Shaped, type Shapes } from './offer.js';
import type { Loaded } from './read-model.js';

/**
 * The source of graphs.
 * @param party of the service
 * @param model that was read
 * @returns graphs with their weights; most of these are those of the first, and are masked once
 */
export function builtGraphs(party: Party, { inputs, built }: Loaded): GraphSource {
  let first: ModelGraph | undefined;
  const tell = (shaped: Shaped) => party.announce<Shaped>(shaped, { src: SERVICE });
  const build = (shapes: Shapes) => {
    // What the client says is untrusted: sizes that the file fixes stay.
    requireDeclared(inputs, shapes);
    const graph = withWeightScales(built(shapes), party.context.precision);
    const shared = first ? sharedBy(first, graph) : [];
    const parameters = new Map(graph.parameters);
    // One copy of the numbers is enough.
    for (const name of shared) parameters.set(name, first?.parameters.get(name) as Parameter);
    const concrete = specialize({ ...graph, parameters }, byName(inputs, shapes));
    first ??= graph;
    return { concrete, shared };
  };
  return {
    check: () => {},
    graphFor: async (shapes) => {
      let made: ReturnType<typeof build>;
      try {
        made = build(shapes);
      } catch (error) {
        if (!(error instanceof TacitError)) throw error;
        await tell({ refused: error.message });
        throw new ModelFeedsError(error.message);
      }
      const { concrete, shared } = made;
      await tell({ architecture: architectureOf(concrete), shared });
      return { graph: concrete, shared: new Set(shared) };
    },
  };
}

function sharedBy(first: ModelGraph, graph: ModelGraph): string[] {
  return [...graph.parameters].flatMap(([name, parameter]) => {
    const other = first.parameters.get(name);
    return other && isSame(other, parameter) ? [name] : [];
  });
}

function isSame(a: Parameter, b: Parameter): boolean {
  const [x, y] = [numbersOf(a), numbersOf(b)];
  return (
    `${a.shape}` === `${b.shape}` && `${a.scales}` === `${b.scales}` && x.every((value, i) => value === y[i])
  );
}
