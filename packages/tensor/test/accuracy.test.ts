/**
 * Functions that are computed approximately, all over the numbers that can be represented: as close to the plain value as
 * their definitions say. Ten thousand points in every run, a million in `npm run test:long` (accuracy.long.ts).
 */
import { expectAccurateFunctions } from './helpers/accurate-functions.js';

describe('approximate functions', () => expectAccurateFunctions(10_000));
