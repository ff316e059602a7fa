/** Trained models as ONNX files, where this release writes them. */
import { ArgumentError } from '@tacit/errors';
import type { Module } from '@tacit/nn';
import * as nn from '@tacit/nn';
import { LaunchedParty } from '../launched-party.js';

/** Who learns the model, and the shape of its input; a name stands for a size that is open. */
interface ExportOptions {
  readonly to: number;
  readonly inputShape: readonly (number | string)[];
}

interface Exporter {
  exportOnnx(model: Module, path: string, options: ExportOptions): Promise<void>;
}

const isExporter = (party: object): party is Exporter => 'exportOnnx' in party;

/** Whether models can be written as ONNX files. */
export const exportsOnnx = (): boolean => isExporter(LaunchedParty.prototype);

/** Reveals a model to one party, which writes it as an ONNX file. */
export async function exportOnnx(
  party: LaunchedParty,
  model: Module,
  file: string,
  options: ExportOptions,
): Promise<void> {
  if (!isExporter(party))
    throw new ArgumentError('this release writes weights as .safetensors or .npz files');
  await party.exportOnnx(model, file, options);
}

/**
 * Tries whether a model can be written, before it is trained.
 * @param model the model, encrypted or not
 * @param inputShape shape of its input
 * @throws TacitError that names the layer that cannot be written
 */
export function tryOnnx(model: Module, inputShape: ExportOptions['inputShape']): void {
  const { writeOnnx } = nn as { readonly writeOnnx?: unknown };
  if (typeof writeOnnx === 'function') writeOnnx(model, { inputShape });
}
