/** @packageDocumentation Encoded layers one at a time, the parameter tester, and BFV by itself. */
export * from './bfv/index.js';
export * from './layers/index.js';
export * from './tester/index.js';
