/** A model that a service offers: its file, read once to see that it can be served, and threads that have it ready. */
import { resolve } from 'node:path';
import { hashProgram } from '@tacit/daemon';
import { type PlannedProgram, WarmThreads } from '@tacit/daemon/sessions';
import { requireFile } from '@tacit/files';
import { ServiceUsageError } from '../errors.js';
import { programModule } from '../location.js';
import type { ModelValue } from '../program/offer.js';
import { readModel } from '../program/read-model.js';
import type { ServeSettings } from '../program/serve-predictions.js';
import { MODEL_NAME } from '../shared/invite.js';

/** What an owner says of a model. */
export interface ModelToServe {
  /** What invites call it. */
  readonly name: string;
  /** Path of an ONNX file. */
  readonly file: string;
  /** Shapes of inputs, by name, where the file leaves sizes open that have to be known; a text stays open. */
  readonly inputShapes?: Readonly<Record<string, readonly (number | string)[]>>;
}

export interface ServedModel {
  readonly name: string;
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  readonly program: PlannedProgram;
  readonly threads: WarmThreads;
}

/**
 * Reads a model, and starts threads that have it ready.
 * @param model name and file
 * @param settings of sessions
 * @returns the model
 * @throws ServiceUsageError, FileError, OnnxFormatError, UnsupportedModelError listing everything that is not supported
 */
export async function serveModel(
  { name, file, inputShapes }: ModelToServe,
  settings: {
    readonly atOnce: number;
    readonly idleMs: number;
    readonly spares: number;
    readonly kernels: WebAssembly.Module;
    readonly memoryBytes?: number | undefined;
  },
): Promise<ServedModel> {
  if (!MODEL_NAME.test(name))
    throw new ServiceUsageError(
      `${JSON.stringify(name)} is no name of a model: letters, digits, dots, dashes and underscores; --name gives it one`,
    );
  const path = resolve(file);
  requireFile(path);
  const { inputs, outputs } = await readModel(path, { inputShapes });
  const { atOnce, idleMs, spares, kernels, memoryBytes } = settings;
  const serve: ServeSettings = { ...(inputShapes && { inputShapes }), atOnce, idleMs };
  const program = {
    path: programModule,
    hash: (await hashProgram(programModule)).hash,
    arguments: [path, JSON.stringify(serve)],
  };
  return {
    name,
    inputs,
    outputs,
    program,
    threads: new WarmThreads({ kernels, program, memoryBytes, spares }),
  };
}
