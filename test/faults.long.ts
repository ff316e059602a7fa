import { faultSuite } from './faults/suite.js';

faultSuite(Number(process.env.TACIT_SCHEDULES ?? 1000));
