export { readMetadata, readWeights, type Weight, weightsHash } from './read.js';
export { type WriteOptions, writeWeights } from './write.js';
