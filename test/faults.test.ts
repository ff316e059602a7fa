import { faultSuite } from './faults/suite.js';

faultSuite(30);
