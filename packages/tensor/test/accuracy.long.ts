import { expectAccurateFunctions } from './helpers/accurate-functions.js';

describe('approximate functions', () => expectAccurateFunctions(1_000_000));
