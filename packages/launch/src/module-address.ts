/** How a call says which module makes it. */
import { LaunchOptionsError } from './errors.js';

/**
 * The address of the module that makes a call.
 * @param moduleUrl its `import.meta.url`
 * @throws LaunchOptionsError for anything but a file: URL
 */
export function moduleAddress(moduleUrl: string | URL): string {
  const url = String(moduleUrl);
  if (!url.startsWith('file:'))
    throw new LaunchOptionsError(
      `the module is given by import.meta.url of the one that makes the call, a file: URL, not '${url}'`,
    );
  return url;
}
