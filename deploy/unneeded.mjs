// Takes out of node_modules what npm installs and nothing here imports: the compiler, an optional peer of valibot, which
// --omit=peer leaves in since the lock file knows it as a tool of the repository, too.
import { rmSync } from 'node:fs';

for (const name of ['typescript', '@typescript'])
  rmSync(new URL(`node_modules/${name}`, import.meta.url), { recursive: true, force: true });
