/** Node.js, as far as it matters. */
import { type Found, ok, problem } from '../finding.js';

/** The oldest release that is supported, as package.json says. */
const OLDEST = [20, 19] as const;

/**
 * Looks at the release of Node.js.
 * @param version of tacit
 * @param node `process.version`
 * @returns a problem below the oldest that is supported
 */
export function checkRuntime(version: string, node: string = process.version): Found {
  const [major = 0, minor = 0] = node.replace(/^v/, '').split('.').map(Number);
  const figures = { version, node };
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    return problem(
      `Node.js ${node} is too old for tacit ${version}`,
      `install Node.js ${OLDEST.join('.')} or newer`,
      figures,
    );
  return ok(`tacit ${version} on Node.js ${node}`, figures);
}
