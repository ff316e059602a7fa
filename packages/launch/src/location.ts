/** Where this package's files are: modules that threads and processes start from, and the manifest. */
import { packageFiles } from '@tacit/files';

export const { packageFile, entryModule } = packageFiles(import.meta.url);
