export {
  type DealerProgram,
  type Ending,
  type EngineProgram,
  endings,
  type Failure,
  newRing,
  type SimulationOptions,
} from './endings.js';
export { fuzzRuns, mutated, mutatedJson } from './fuzz.js';
export { randomBits, randomBytes, randomInteger, randomWords, testSeed } from './random.js';
export { type Outcome, sharedRings, simulate, simulateEngines } from './simulate.js';
export { connect, TamperedTransport, type TransportKind } from './transports.js';
