/** Where this package's files are: the modules that threads start from. */
import { packageFiles } from '@tacit/files';

export const { packageFile, threadModule } = packageFiles(import.meta.url);
