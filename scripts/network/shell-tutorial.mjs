// A tutorial of shell commands as what a machine can run. Fenced blocks say whose terminal they are in:
//   ```sh alice            commands that end; a failure ends the run
//   ```sh bob keeps running   a process that stays, in a terminal of its own
//   ```text alice          what the last block of alice printed; `…` stands for anything
/** The blocks of a tutorial, in order. */
export function blocksOf(markdown) {
  const blocks = [];
  const fence = /^```(sh|text) (\w+)( keeps running)?\n([\s\S]*?)^```$/gm;
  for (const [, kind, who, stays, text] of markdown.matchAll(fence))
    blocks.push({ kind, who, stays: stays !== undefined, text });
  return blocks;
}

/** The lines of `expected` that `printed` does not have, in this order. */
export function missingLines(expected, printed) {
  const lines = printed.split('\n').map((line) => line.trimEnd());
  let from = 0;
  for (const line of expected.trimEnd().split('\n')) {
    const pattern = new RegExp(`^${line.trimEnd().split('…').map(literally).join('.*')}$`);
    const at = lines.findIndex((candidate, i) => i >= from && pattern.test(candidate));
    if (at < 0) return line;
    from = at + 1;
  }
}

const literally = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
