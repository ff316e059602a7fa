// Run by lerna between writing versions and committing them: closes the section "Unreleased" of CHANGELOG.md and puts
// the subjects of a package's commits since the last tag at the head of its own CHANGELOG.md.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const git = (...args) => spawnSync('git', args, { encoding: 'utf8' }).stdout.trim();
const { version } = JSON.parse(readFileSync('lerna.json', 'utf8'));
const date = new Date().toISOString().slice(0, 10);

/** The text with what was unreleased under a heading of its own, and an empty section above. */
function closeUnreleased(text, version, date) {
  const heading = '## [Unreleased]';
  if (!text.includes(`${heading}\n`)) throw new Error(`CHANGELOG.md has no section "${heading}"`);
  return text.replace(`${heading}\n`, `${heading}\n\n## [${version}] - ${date}\n`);
}

/** A package's changes at the head of what was there before. */
function withChanges(before, name, version, date, subjects) {
  const title = `# Changes of ${name}\n`;
  const lines = subjects.length > 0 ? subjects.map((subject) => `- ${subject}`) : ['No changes of its own.'];
  const rest = before.startsWith(title) ? before.slice(title.length) : '';
  return `${title}\n## ${version} - ${date}\n\n${lines.join('\n')}\n${rest}`;
}

if (process.env.npm_lifecycle_event === 'version') {
  writeFileSync('CHANGELOG.md', closeUnreleased(readFileSync('CHANGELOG.md', 'utf8'), version, date));
  const last = git('describe', '--tags', '--abbrev=0', '--match', 'v*');
  for (const folder of readdirSync('packages')) {
    const root = join('packages', folder);
    const { name, private: isPrivate } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    if (isPrivate) continue;
    const range = last ? [`${last}..HEAD`] : [];
    const subjects = git('log', '--no-merges', '--format=%s', ...range, '--', root)
      .split('\n')
      .filter(Boolean);
    const file = join(root, 'CHANGELOG.md');
    const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
    writeFileSync(file, withChanges(before, name, version, date, subjects));
  }
  git('add', 'CHANGELOG.md', 'packages/*/CHANGELOG.md');
}
