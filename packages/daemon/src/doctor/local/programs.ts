/** Offered programs, and the rules of peers about them: what would be refused whenever it is asked for. */
import type { Peer } from '@tacit/identity';
import type { DaemonConfig } from '../../config/schema.js';
import { hashProgram } from '../../consent/program-hash.js';
import { type Finding, ok, problem, warning } from '../finding.js';

/**
 * Compares what is offered with what peers are allowed.
 * @param config of this side
 * @param peers of this side
 * @returns a line for each that does not fit, or one for all
 */
export async function checkPrograms(
  { programs }: Pick<DaemonConfig, 'programs'>,
  peers: readonly Peer[],
): Promise<Finding[]> {
  const check = 'programs';
  const findings: Finding[] = [];
  const hashes = new Map<string, string>();
  for (const { name, file } of programs)
    try {
      hashes.set(name, (await hashProgram(file)).hash);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      findings.push({
        check,
        ...problem(
          `${name} cannot be offered: ${text}`,
          `correct its file in config.yaml, or take ${name} out`,
        ),
      });
    }
  const offered = new Set(programs.map(({ name }) => name));
  let rules = 0;
  for (const peer of peers)
    for (const rule of peer.programs ?? []) {
      rules++;
      if (rule.name === '*') continue;
      const hash = hashes.get(rule.name);
      if (!offered.has(rule.name) && offered.size > 0)
        findings.push({
          check,
          peer: peer.name,
          ...warning(
            `${peer.name} may start ${rule.name}, which is not offered here`,
            `add ${rule.name} to programs in config.yaml, or take it from ${peer.name}: tacit peers allow`,
          ),
        });
      else if (hash !== undefined && rule.hash !== undefined && rule.hash !== hash)
        findings.push({
          check,
          peer: peer.name,
          ...warning(
            `${peer.name} may start ${rule.name} with the hash ${short(rule.hash)}, and the file here has ${short(hash)}: it is refused`,
            'look at what changed in the file, and allow it anew if you agree: tacit peers allow',
          ),
        });
    }
  if (findings.length === 0)
    findings.push({ check, ...ok(`${programs.length} offered, ${rules} rules of peers about them`) });
  return findings;
}

const short = (hash: string): string => `${hash.slice(0, 12)}…`;
