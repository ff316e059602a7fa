/** Examples print what they say; and what others compute without downloads: text of classes, sound of files. */
import { join } from 'node:path';
import { expect } from 'chai';
import { expectPromises, LONG_EXAMPLES, programsIn } from './helpers/promises.js';
import { root } from './helpers/run-script.js';

const example = (path: string) => import(new URL(`../examples/${path}`, import.meta.url).href);

describe('examples', function () {
  this.timeout(120_000);
  for (const script of programsIn('examples').filter((path) => !LONG_EXAMPLES.includes(path)))
    it(`${script} prints what it says`, () => expectPromises(join(root, script)));

  it('private-ocr drops blanks and runs, and keeps double letters that a blank parts', async () => {
    const { decode, dictionary } = await example('private-ocr/ctc.mjs');
    const characters = dictionary('a\nb\r\nc\n');
    expect(characters).deep.equal(['', 'a', 'b', 'c', ' ']);
    for (const [classes, text] of [
      [[], ''],
      [[0, 0, 0], ''],
      [[1, 1, 1], 'a'],
      [[1, 0, 1], 'aa'],
      [[0, 1, 1, 2, 0, 0, 2, 2, 4, 3], 'abb c'],
    ])
      expect(decode(classes, characters), `${classes}`).equal(text);
    expect(decode(Float32Array.of(3, 3, 0, 1), characters)).equal('ca');
  });

  it('wake-word puts each recording before the same pause, in one length', async () => {
    const { RECORDINGS, recording, SAMPLES, shown } = await example('wake-word/sound.mjs');
    expect(RECORDINGS).not.empty;
    for (const file of RECORDINGS) {
      const sound: Float64Array = recording(file);
      expect(sound).have.length(SAMPLES);
      expect(Math.max(...sound.map(Math.abs)))
        .above(0.1)
        .at.most(1);
      expect([...sound.subarray(0, 1000), ...sound.subarray(-712)].some((v) => v !== 0)).equal(false);
      expect(shown(sound)).have.length(Math.ceil(SAMPLES / 640));
    }
  });
});
