// node docs/generate-errors.mjs [--check]: writes docs/errors.md from the table of codes in @tacit/errors, or with
// --check fails where the file is another. Needs a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { ERROR_CODES } from '@tacit/errors/codes';

const target = new URL('./errors.md', import.meta.url);
const cell = (text) => text.replaceAll('|', '\\|');

export function errorsPage() {
  const lines = [
    '# Errors',
    '',
    'Every error that a package throws on purpose is a `TacitError` with a stable `code` for programs and a message for people. This table is made from `packages/errors/src/codes/` by `node docs/generate-errors.mjs`; the compiler refuses a code without a line here.',
  ];
  for (const [area, codes] of Object.entries(ERROR_CODES)) {
    lines.push('', `## ${area}`, '', '| code | meaning | what helps |', '| --- | --- | --- |');
    for (const [code, { meaning, remedy }] of Object.entries(codes).sort(([a], [b]) => (a < b ? -1 : 1)))
      lines.push(`| \`${code}\` | ${cell(meaning)} | ${cell(remedy)} |`);
  }
  return `${lines.join('\n')}\n`;
}

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== errorsPage()) {
    process.stderr.write('docs/errors.md is not that of the table: node docs/generate-errors.mjs\n');
    process.exitCode = 1;
  }
} else if (process.argv[1]?.endsWith('generate-errors.mjs')) writeFileSync(target, errorsPage());
