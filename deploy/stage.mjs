// node deploy/stage.mjs FOLDER: what an image is made of, out of a repository that is built.
//   FOLDER/app        manifests of all workspaces, since the lock file is about all of them, and what is built of those
//                     that the command `tacit` needs, `tacit batch` as well: no sources, no types, no maps
//   FOLDER/home/tacit an empty folder, which a volume starts as
//   FOLDER/links      a link for the root of the image: /node_modules leads to /app/node_modules
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const [target] = process.argv.slice(2);
if (target === undefined) throw new Error('usage: node deploy/stage.mjs FOLDER');
const app = join(target, 'app');
mkdirSync(app, { recursive: true });
mkdirSync(join(target, 'home'));
mkdirSync(join(target, 'home', 'tacit'), { mode: 0o700 });
mkdirSync(join(target, 'links'));
symlinkSync('/app/node_modules', join(target, 'links', 'node_modules'));
for (const file of ['package.json', 'package-lock.json', '.npmrc', 'LICENSE'])
  copyFileSync(join(root, file), join(app, file));
for (const file of ['healthcheck.mjs', 'unneeded.mjs'])
  copyFileSync(join(root, 'deploy', file), join(app, file));

const folders = new Map(
  readdirSync(join(root, 'packages')).map((folder) => [manifestIn(folder).name, folder]),
);
const needed = new Set();
need('tacit');
// For Jobs; the drivers of queues, its optional peers, are not in the image.
need('@tacit/batch');
for (const [name, folder] of folders) {
  const from = join(root, 'packages', folder);
  const to = join(app, 'packages', folder);
  mkdirSync(to, { recursive: true });
  copyFileSync(join(from, 'package.json'), join(to, 'package.json'));
  if (!needed.has(name)) continue;
  for (const entry of manifestIn(folder).files)
    if (!['src', 'README.md', 'CHANGELOG.md', 'LICENSE'].includes(entry))
      cpSync(join(from, entry), join(to, entry), { recursive: true, filter: isRun });
}

function manifestIn(folder) {
  return JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8'));
}

function need(name) {
  const folder = folders.get(name);
  if (folder === undefined || needed.has(name)) return;
  needed.add(name);
  for (const dependency of Object.keys(manifestIn(folder).dependencies ?? {})) need(dependency);
}

function isRun(path) {
  return !/\.d\.ts$|\.map$|\.tsbuildinfo$/.test(path);
}
