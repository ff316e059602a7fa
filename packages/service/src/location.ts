/** Where this package's files are: the program that threads run. */
import { fileURLToPath } from 'node:url';
import { packageFiles } from '@tacit/files';

const { entryModule } = packageFiles(import.meta.url);

/** Path of the program of a service's threads. */
export const programModule = fileURLToPath(entryModule('program/serve-predictions'));
