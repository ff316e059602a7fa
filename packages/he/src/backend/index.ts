/** `@tacit/he/backend`: the library for keys, encryption and single operations, behind one interface. */
export * from './library.js';
export { loadHeLibrary } from './node-seal.js';
export { findPrimes } from './primes.js';
