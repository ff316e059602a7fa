import { fuzzLocks } from './fuzzing.js';

fuzzLocks(1_000);
