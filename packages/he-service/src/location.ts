/** Where this package's files are: modules that threads start from, and the page. */
import { packageFiles } from '@tacit/files';

export const { packageFile, entryModule, threadModule } = packageFiles(import.meta.url);
