/** @packageDocumentation ONNX files on a disk, with the files beside them. For Node.js. */
import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { readWhole } from '@tacit/files';
import { OnnxFormatError } from './errors.js';
import { externalFiles, withExternalData } from './external-data.js';

/**
 * Reads an ONNX file. Weights that it keeps in other files, as `torch.onnx.export` writes them by default, are put into it;
 * these files lie in the folder of the model, or in folders of that.
 * @param path of the model
 * @returns the bytes of the model as one file; of anything else the bytes that are there
 * @throws FileError where a file cannot be read
 * @throws OnnxFormatError (`MODEL_FORMAT`) where the model names files elsewhere, or that do not have the weights
 * @example const model = parseOnnx(await readOnnxFile('model.onnx'));
 */
export async function readOnnxFile(path: string): Promise<Uint8Array> {
  const model = await readWhole(path);
  const names = externalFiles(model);
  if (names.length === 0) return model;
  const files = new Map<string, Uint8Array>();
  for (const name of names) files.set(name, await readWhole(await beside(path, name)));
  return withExternalData(model, files);
}

/**
 * A model from elsewhere must not read any other file of this machine, be it by a link. Caches link a model and what
 * belongs to it to files in one folder elsewhere; that one counts, too.
 */
async function beside(path: string, name: string): Promise<string> {
  const folder = dirname(path);
  const file = join(folder, name);
  const real = (of: string): Promise<string> => realpath(of).catch(() => of); // reading it says what is wrong
  const target = await real(file);
  const homes = [await real(folder), dirname(await real(path))];
  const named = !/[\\\0]/.test(name) && !isAbsolute(name) && isInside(folder, file);
  if (named && homes.some((home) => isInside(home, target))) return file;
  throw new OnnxFormatError(
    `The model keeps weights in ${JSON.stringify(name)}, which is not a file in its folder.`,
  );
}

function isInside(folder: string, file: string): boolean {
  const way = relative(folder, file);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
