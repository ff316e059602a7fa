/** What a config names, made: layers, losses, optimisers, schedules. Errors of constructors name the line. */
import { TacitError } from '@tacit/errors';
import type { ConcreteGraph, ParameterSlot } from '@tacit/graph';
import { Graph, type Loss, type Module, type optim, Sequential } from '@tacit/nn';
import { surplusArgument } from './arguments.js';
import type { Built, TrainConfig } from './config.js';
import { errorAt, KEY, type Places, type ValuePath } from './config-file.js';
import {
  type Constructor,
  layerClass,
  lossClass,
  optimizerClass,
  type Schedule,
  scheduleClass,
} from './names.js';

/** A config and where its values are. */
export interface Checked {
  readonly config: TrainConfig;
  readonly places: Places;
}

/** Notes which options of constructors are never looked at: misspelt ones. */
export class OptionWatch {
  readonly #watched: { readonly path: ValuePath; readonly options: object; readonly read: Set<string> }[] =
    [];

  /**
   * Arguments whose options are watched.
   * @param args arguments of a constructor
   * @param path to them in the config
   * @returns the same values
   */
  watch(args: readonly unknown[], path: ValuePath): unknown[] {
    return args.map((value, i) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
      const read = new Set<string>();
      this.#watched.push({ path: [...path, ...(args.length > 1 ? [i] : [])], options: value, read });
      return new Proxy(value, {
        get(target, key, receiver) {
          if (typeof key === 'string') read.add(key);
          return Reflect.get(target, key, receiver);
        },
      });
    });
  }

  /** The first option that nobody has looked at. */
  unread(): { readonly path: ValuePath; readonly name: string } | undefined {
    for (const { path, options, read } of this.#watched)
      for (const name of Object.keys(options)) if (!read.has(name)) return { path: [...path, name], name };
    return undefined;
  }
}

function made<T>(
  { places }: Checked,
  path: ValuePath,
  { name, args }: Built,
  found: Constructor<T> | string,
  first: readonly unknown[] = [],
  watch?: OptionWatch,
): T {
  const at = [...path, name];
  if (typeof found === 'string') throw errorAt(places, [...at, KEY], found);
  const surplus = surplusArgument(found, args, first.length);
  if (surplus) throw errorAt(places, [...at, ...(args.length > 1 ? [surplus.index] : [])], surplus.message);
  const own = structuredClone(args) as unknown[];
  const Made = found as unknown as new (...args: unknown[]) => T;
  try {
    return new Made(...first, ...(watch ? watch.watch(own, at) : own));
  } catch (error) {
    if (!(error instanceof TacitError) && !(error instanceof TypeError)) throw error;
    const said = error.message.startsWith(name) ? '' : `${name}: `;
    throw errorAt(places, at, said + error.message);
  }
}

/**
 * The model of a config.
 * @param checked the config
 * @param graph of the ONNX file, if the model is one
 * @param watch notes options
 * @returns the model, not encrypted yet
 * @throws TrainConfigError where a layer cannot be made, or a weight that is to be trained does not exist
 */
export function buildModel(
  checked: Checked,
  graph: ConcreteGraph<ParameterSlot> | undefined,
  watch?: OptionWatch,
): Module {
  const { model } = checked.config;
  if (Array.isArray(model))
    return new Sequential(
      ...model.map((layer, i) =>
        made<Module>(checked, ['model', i], layer, layerClass(layer.name), [], watch),
      ),
    );
  if (!graph) throw errorAt(checked.places, ['model'], 'the model of the file is not known');
  const { trainable = true } = model;
  const known = [...graph.parameters.keys()];
  if (trainable !== true)
    trainable.forEach((name, i) => {
      if (!known.includes(name))
        throw errorAt(
          checked.places,
          ['model', 'trainable', i],
          `the model has no weights '${name}'; it has ${known.join(', ')}`,
        );
    });
  // Scales that suit the weights as they are in the file would not suit what they become.
  const parameters = new Map(
    Array.from(graph.parameters, ([name, { scales: _, ...slot }]) => [name, slot] as const),
  );
  const network = new Graph({ ...graph, parameters });
  const named = [...network.namedParameters()];
  // Where the graph says which of its numbers are weights, the others are constants.
  const saysWeights = named.some(([, { requiresGrad }]) => requiresGrad);
  for (const [name, parameter] of named)
    parameter.requiresGrad =
      trainable === true ? !saysWeights || parameter.requiresGrad : trainable.includes(name);
  return network;
}

/**
 * The loss of a config.
 * @param checked the config
 * @param watch notes options
 * @returns the loss
 * @throws TrainConfigError where it cannot be made, or is not one number
 */
export function buildLoss(checked: Checked, watch?: OptionWatch): Loss {
  const { loss } = checked.config;
  const criterion = made<Loss>(checked, ['loss'], loss, lossClass(loss.name), [], watch);
  if (criterion.reduction === 'none')
    throw errorAt(
      checked.places,
      ['loss', loss.name],
      "a loss is one number: its reduction is 'mean' or 'sum'",
    );
  return criterion;
}

/**
 * The optimiser of a config.
 * @param checked the config
 * @param model the model, encrypted
 * @param watch notes options
 * @returns the optimiser
 * @throws TrainConfigError where it cannot be made
 */
export function buildOptimizer(checked: Checked, model: Module, watch?: OptionWatch): optim.Optimizer {
  const { optimizer } = checked.config;
  const parameters = [...model.parameters()];
  return made(checked, ['optimizer'], optimizer, optimizerClass(optimizer.name), [parameters], watch);
}

/**
 * The schedule of a config, if it has one.
 * @param checked the config
 * @param optimizer what it changes the learning rate of
 * @param watch notes options
 * @returns the schedule
 * @throws TrainConfigError where it cannot be made
 */
export function buildSchedule(
  checked: Checked,
  optimizer: optim.Optimizer,
  watch?: OptionWatch,
): Schedule | undefined {
  const { schedule } = checked.config;
  return schedule && made(checked, ['schedule'], schedule, scheduleClass(schedule.name), [optimizer], watch);
}
