/**
 * A network for digits that is of use only with a key: it is trained on pictures whose blocks of 4 x 4 pixels were transformed
 * by the key, and, so that it tells keys apart, on the same pictures under keys drawn at random, with wrong labels. Then it
 * reads digits under its own key, without one, and under other keys. docs/model-locks-transforms.md explains it.
 * `npx tsx examples/keyed-training.ts` after `npm run build`; with `--all` on 9,000 digits instead of 2,000.
 */
import { keyedDigits, plainDigits } from './shared/keyed-digits.js';

const run = process.argv.includes('--all')
  ? { train: 9000, epochs: 4, wrongKeys: 20 }
  : { train: 2000, epochs: 6, wrongKeys: 10 };

async function shown(kind: 'shf' | 'np' | 'ffx'): Promise<string> {
  const { right, none, wrong } = await keyedDigits(kind, run);
  const mean = wrong.reduce((sum, percent) => sum + percent, 0) / wrong.length;
  const percents = [right, none, mean, Math.max(...wrong)].map((percent) => percent.toFixed(1));
  return `${kind}: ${percents[0]} % right with the key, ${percents[1]} % without, with ${wrong.length} wrong keys ${percents[2]} %, at most ${percents[3]} %`;
}

console.log(`without a transform: ${(await plainDigits(run)).toFixed(1)} % right`); // → without a transform: 9… % right
console.log(await shown('shf')); // → shf: 9… % right with the key, … % without, with 10 wrong keys … %, at most … %
console.log(await shown('np')); // → np: … % right with the key, … % without, with 10 wrong keys … %, at most … %
console.log(await shown('ffx')); // → ffx: … % right with the key, … % without, with 10 wrong keys … %, at most … %
