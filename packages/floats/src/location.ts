/** Where the files of this package are. */
import { packageFiles } from '@tacit/files';

export const { threadModule } = packageFiles(import.meta.url);
