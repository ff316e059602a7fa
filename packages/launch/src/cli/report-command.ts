/** `tacit report`: the record of a training as a page. */
import { basename, resolve } from 'node:path';
import { readWhole, requireFolder, writeAtomically } from '@tacit/files';
import type { Command } from 'commander';
import { LaunchOptionsError } from '../errors.js';

const EXAMPLES = `
Examples:
  tacit report run.json
  tacit report run.json -o training.html

The page is one file that loads nothing from anywhere. What it shows was revealed to whoever has RUN.json.
`;

export function addReport(program: Command): void {
  program
    .command('report')
    .description('make a page of a training: curves, time, traffic, what was revealed to whom')
    .argument('<RUN.json>', 'what tacit train --json wrote')
    .option('-o, --out <REPORT.html>', 'where the page goes; default: beside the record')
    .option('--debug', 'show stacks of errors')
    .addHelpText('after', EXAMPLES)
    .action(report);
}

async function report(path: string, flags: { readonly out?: string }): Promise<void> {
  const out = flags.out ?? `${path.replace(/\.json$/i, '')}.html`;
  if (resolve(out) === resolve(path))
    throw new LaunchOptionsError('the page would replace the record; give it another name');
  requireFolder(out);
  const { parseRun } = await import('../train/run-file.js');
  const { reportPage } = await import('../report/page.js');
  const run = parseRun(new TextDecoder().decode(await readWhole(path)), path);
  writeAtomically(out, new TextEncoder().encode(reportPage(run, basename(path))));
  process.stdout.write(`page     ${out}\n`);
}
