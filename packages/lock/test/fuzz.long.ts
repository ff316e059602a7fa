import { fuzzLocks } from './fuzzing.js';

fuzzLocks(200_000);
