import { faultSuite } from './faults/suite.js';

// Always the same ones: whoever changes something else is not stopped by a schedule that nobody has met. `test:long` draws
// new ones. These are few that have each kind of link and each fault among them, found by trying.
faultSuite(30, 1740, true);
