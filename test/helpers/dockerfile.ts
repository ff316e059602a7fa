/** Reads a Dockerfile and holds it to the rules of this repository. */

/** One instruction, with continued lines joined. */
export interface Instruction {
  readonly name: string;
  readonly value: string;
}

/**
 * The instructions of a Dockerfile.
 * @param text of the file
 * @returns them in order, without comments
 */
export function instructionsIn(text: string): Instruction[] {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [, name = '', value = ''] = /^\s*(\S+)\s+(.*)$/.exec(line) ?? [];
    return { name: name.toUpperCase(), value: value.trim() };
  });
}

/**
 * What is against the rules.
 * @param text of a Dockerfile
 * @returns sentences; none if it is as it should be
 */
export function dockerfileComplaints(text: string): string[] {
  const all = instructionsIn(text);
  const found: string[] = [];
  const last = all.slice(all.findLastIndex(({ name }) => name === 'FROM'));
  const of = (name: string, among = last): string[] =>
    among.filter((instruction) => instruction.name === name).map(({ value }) => value);
  const stages = of('FROM', all);
  if (stages.length < 2) found.push('it has one stage, so what only building takes stays in the image');
  const args = new Map(of('ARG', all).map((value) => value.split('=', 2) as [string, string | undefined]));
  for (const stage of stages) {
    const image = (stage.split(/\s+/)[0] ?? '').replace(/\$\{(\w+)\}/g, (_, name) => args.get(name) ?? '');
    if (!/@sha256:|:[^/]*\d/.test(image) || /:latest$/.test(image))
      found.push(`FROM ${image} names no version`);
  }
  for (const { name, value } of all) {
    if (name === 'ADD') found.push(`ADD ${value}: it fetches and unpacks; COPY does neither`);
    if (['RUN', 'CMD', 'ENTRYPOINT'].includes(name) && !value.startsWith('['))
      found.push(`${name} ${value}: it starts a shell; write it as a list`);
    if (name === 'RUN' && /curl|wget|git clone|https?:|apt-get|npx/.test(value))
      found.push(`RUN ${value}: it downloads; npm ci does that by the lock file`);
    if (name === 'RUN' && /"npm", "(install|i|add)"/.test(value))
      found.push(`RUN ${value}: only npm ci keeps to the lock file`);
    if (['ENV', 'ARG'].includes(name) && /(TOKEN|PASSWORD|SECRET|KEY)\w*=/i.test(value))
      found.push(`${name} ${value}: secrets stay in the layers of an image`);
  }
  const health = of('HEALTHCHECK')[0] ?? '';
  if (!/CMD \[/.test(health)) found.push('HEALTHCHECK is missing, or starts a shell');
  const [user = ''] = of('USER').slice(-1);
  const [id = ''] = user.split(':');
  if (!/^\d+:\d+$/.test(user)) found.push(`USER ${user || '(none)'}: write numbers, user and group`);
  else if (Number(id) === 0) found.push('USER 0 is root');
  const [started = ''] = [...of('ENTRYPOINT'), ...of('CMD')];
  if (!started.startsWith('["node"'))
    found.push(`it starts ${started || 'nothing'}, not node itself: npm passes no signals on`);
  if (!of('LABEL').some((value) => value.includes('org.opencontainers.image.title')))
    found.push('no label says what it is');
  if (of('VOLUME').length !== 1)
    found.push('one volume, for the home, is what a read-only root file system takes');
  return found;
}
