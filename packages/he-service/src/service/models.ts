/** The models of a service: artefacts in, facts for clients out. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { CLIENT_ARTEFACT, SERVER_ARTEFACT } from '@tacit/he';
import type { ModelInfo } from '../service-client/schemas.js';
import type { LayerRange, LoadedModel } from '../worker-pool/engine.js';
import { RequestError, ServiceModelError } from './errors.js';

/** A compiled model: the bytes of both artefacts, under a name that is a path segment of addresses. */
export interface ModelArtefacts {
  readonly name: string;
  readonly server: Uint8Array;
  readonly client: Uint8Array;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

async function readFolder(folder: string): Promise<ModelArtefacts | undefined> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new ServiceModelError(`cannot read the folder of models ${folder}`, { cause: error });
  });
  if (!names.includes(SERVER_ARTEFACT)) return undefined;
  if (!names.includes(CLIENT_ARTEFACT))
    throw new ServiceModelError(`${folder} holds ${SERVER_ARTEFACT} but no ${CLIENT_ARTEFACT}`);
  const [server, client] = await Promise.all([
    readFile(join(folder, SERVER_ARTEFACT)),
    readFile(join(folder, CLIENT_ARTEFACT)),
  ]);
  return { name: basename(resolve(folder)), server, client };
}

/**
 * Reads models: artefacts as they are, the folder of a model, or a folder of such folders (one level).
 * Throws ServiceModelError.
 */
export async function readModels(sources: readonly (string | ModelArtefacts)[]): Promise<ModelArtefacts[]> {
  const models: ModelArtefacts[] = [];
  for (const source of sources) {
    if (typeof source !== 'string') {
      models.push(source);
      continue;
    }
    const one = await readFolder(source);
    if (one) {
      models.push(one);
      continue;
    }
    const folders = (await readdir(source, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const found = await Promise.all(folders.map((entry) => readFolder(join(source, entry.name))));
    const some = found.filter((model) => model !== undefined);
    if (some.length === 0)
      throw new ServiceModelError(`${source} holds no ${SERVER_ARTEFACT}, nor do its folders`);
    models.push(...some);
  }
  if (models.length === 0) throw new ServiceModelError('there is no model to serve');
  for (const { name } of models)
    if (!NAME.test(name))
      throw new ServiceModelError(
        `${JSON.stringify(name)} cannot name a model: use letters, digits, dots, dashes and underscores`,
      );
  return models;
}

/** How many ciphertexts a request may bring, and how large they may be. */
export interface InputLimits {
  /** Ciphertexts of one image. */
  readonly perImage: number;
  readonly ciphertextBytes: number;
}

/** A model that is served. */
export class ServedModel {
  constructor(
    readonly name: string,
    readonly facts: LoadedModel,
    readonly clientArtefact: Uint8Array,
  ) {}

  get id(): string {
    return this.facts.id;
  }

  /** The layers of a request. Throws LAYERS_INVALID. Undefined: all of them. */
  range(from: number | undefined, to: number | undefined): LayerRange | undefined {
    if (from === undefined && to === undefined) return undefined;
    const last = this.facts.layers.length - 1;
    if (last < 0) throw new RequestError('LAYERS_INVALID', `${this.name} computes as a whole only`);
    const range = { from: from ?? 0, to: to ?? last };
    if (!(range.from >= 0 && range.from <= range.to && range.to <= last))
      throw new RequestError(
        'LAYERS_INVALID',
        `layers ${range.from} to ${range.to} are not among the layers 0 to ${last} of ${this.name}`,
      );
    // Nobody knows how much may come there, and whatever came would be held in memory until the engine refused it.
    if (range.from > 0 && !this.#entry(range.from))
      throw new RequestError('LAYERS_INVALID', `${this.name} takes nothing at layer ${range.from}`);
    return range;
  }

  /** What enters a layer within the network, where the engine says so. */
  #entry(layer: number): InputLimits | undefined {
    const { inputCiphertexts: perImage, inputBytesMax: ciphertextBytes } = this.facts.layers[layer] ?? {};
    return perImage === undefined || ciphertextBytes === undefined
      ? undefined
      : { perImage, ciphertextBytes };
  }

  /** What may enter the first layer of a range. */
  inputLimits(range: LayerRange | undefined): InputLimits {
    const { inputCiphertexts, inputBytesMax } = this.facts;
    const inner = range && range.from > 0 ? this.#entry(range.from) : undefined;
    return inner ?? { perImage: inputCiphertexts, ciphertextBytes: inputBytesMax };
  }

  /** Bytes that the result of one image is likely to have at most. */
  resultBytes(range: LayerRange | undefined): number {
    const { outputCiphertexts, outputBytesMax } = this.facts;
    const inner = range && this.#entry(range.to + 1);
    const whole = outputCiphertexts * outputBytesMax;
    return inner ? Math.max(whole, inner.perImage * inner.ciphertextBytes) : whole;
  }

  info(imagesPerRequest: number): ModelInfo {
    const { layers, ...sizes } = this.facts;
    return {
      ...sizes,
      name: this.name,
      layers: layers.map((layer) => layer.name),
      imagesPerRequest,
      clientArtefactBytes: this.clientArtefact.length,
    };
  }
}

const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) > 0;

function checkFacts(name: string, facts: LoadedModel): void {
  const { inputCiphertexts, inputBytesMax, outputCiphertexts, outputBytesMax, keyBytesMax } = facts;
  const counts = { inputCiphertexts, inputBytesMax, outputCiphertexts, outputBytesMax, keyBytesMax };
  for (const [what, value] of Object.entries(counts))
    if (!isCount(value)) throw new ServiceModelError(`model ${name} says that ${what} is ${value}`);
  if (!NAME.test(facts.id)) throw new ServiceModelError(`model ${name} has an impossible id`);
}

/** All models of a service, by id and by name. */
export class ModelTable {
  readonly all: readonly ServedModel[];
  readonly #byLabel = new Map<string, ServedModel>();

  /** `facts` in the order of `artefacts`. Throws ServiceModelError where two models have one label. */
  constructor(artefacts: readonly ModelArtefacts[], facts: readonly LoadedModel[]) {
    if (facts.length !== artefacts.length) throw new ServiceModelError('two of the models are the same one');
    this.all = artefacts.flatMap(({ name, client }, index) => {
      const loaded = facts[index];
      if (!loaded) return [];
      checkFacts(name, loaded);
      return [new ServedModel(name, loaded, client)];
    });
    for (const model of this.all) {
      for (const label of new Set([model.id, model.name])) {
        if (this.#byLabel.has(label)) throw new ServiceModelError(`two models are called ${label}`);
        this.#byLabel.set(label, model);
      }
    }
  }

  /** By id or name. Throws MODEL_NOT_FOUND. */
  find(label: string): ServedModel {
    const model = this.#byLabel.get(label);
    if (!model)
      throw new RequestError('MODEL_NOT_FOUND', 'there is no model of this id or name; see GET /v1/models');
    return model;
  }
}
