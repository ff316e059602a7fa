/** Where the graphs of a session come from: the same on both sides, with weights at the service, without at the client. */
import {
  type ConcreteGraph,
  graphFromArchitecture,
  type ModelGraph,
  type ParameterSlot,
  specialize,
} from '@tacit/graph';
import type { Party } from '@tacit/tensor';
import { ModelFeedsError, ServiceProtocolError } from '../errors.js';
import { byName, type ModelValue, SERVICE, type Shaped, type Shapes } from './offer.js';

/** A graph for inputs of some shapes. */
export interface ShapedGraph {
  readonly graph: ConcreteGraph<ParameterSlot>;
  /** Parameters that are the same as in the first graph of the session; undefined where it is the same model. */
  readonly shared?: ReadonlySet<string>;
}

/** Gives a graph for each shape that is asked for. */
export interface GraphSource {
  /**
   * Refuses shapes that are wrong for certain, without asking the other side.
   * @param shapes of all inputs, in order
   * @throws InputShapeError, ModelShapeError
   */
  check(shapes: Shapes): void;
  /**
   * The graph. Both sides call it for the same shapes in the same order.
   * @param shapes of all inputs, in order
   * @returns the graph
   * @throws ModelFeedsError on both sides where the service cannot build it for them; InputShapeError, ModelShapeError
   */
  graphFor(shapes: Shapes): Promise<ShapedGraph>;
}

/**
 * Of a model that is built for all shapes.
 * @param model with weights at the service, without them at the client
 * @returns graphs without a message
 */
export function fromModel(model: ModelGraph<ParameterSlot>): GraphSource {
  const graphOf = (shapes: Shapes): ConcreteGraph<ParameterSlot> =>
    specialize(model, byName(model.inputs, shapes));
  return { check: graphOf, graphFor: async (shapes) => ({ graph: graphOf(shapes) }) };
}

/**
 * At a client, of a model that its owner builds for known sizes only: it tells the architecture for each shape. One round
 * a shape.
 * @param party of the client
 * @param inputs as they were offered
 * @param outputs as they were offered
 * @returns graphs as the service tells them, which are checked
 */
export function toldByService(
  party: Party,
  inputs: readonly ModelValue[],
  outputs: readonly ModelValue[],
): GraphSource {
  return {
    check: (shapes) => requireDeclared(inputs, shapes),
    graphFor: async (shapes) => {
      const told = await party.announce<Shaped>(undefined, { src: SERVICE });
      if ('refused' in told)
        throw new ModelFeedsError(`the service has no model for inputs of these shapes: ${told.refused}`);
      const graph = graphFromArchitecture(told.architecture);
      const fits =
        'shapes' in graph &&
        graph.outputs.length === outputs.length &&
        graph.inputs.length === inputs.length &&
        graph.inputs.every(({ name, shape }, i) => name === inputs[i]?.name && `${shape}` === `${shapes[i]}`);
      if (!fits || !Array.isArray(told.shared))
        throw new ServiceProtocolError('the service tells a model of other shapes');
      return { graph, shared: new Set(told.shared) };
    },
  };
}

/**
 * Checks shapes against what the file declares.
 * @param inputs of the model
 * @param shapes of all inputs, in order
 * @throws InputShapeError where a size is another one, or a symbolic size would be two numbers
 */
export function requireDeclared(inputs: readonly ModelValue[], shapes: Shapes): void {
  const slots = inputs.map(({ name, shape }) => ({ name, shape }));
  specialize({ inputs: slots, outputs: [], nodes: [], parameters: new Map() }, byName(inputs, shapes));
}
