import { faultSuite } from './faults/suite.js';

// Always the same ones: whoever changes something else is not stopped by a schedule that nobody has met. `test:long` draws
// new ones.
faultSuite(30, 1);
