/** Where this package's own files are. */
import { fileURLToPath } from 'node:url';
import { packageFiles } from '@tacit/files';

const { packageFile } = packageFiles(import.meta.url);

/**
 * The program that comes with this package.
 * @returns its path
 */
export const predictFile = (): string => fileURLToPath(packageFile('programs/predict.mjs'));
