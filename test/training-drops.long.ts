import { trainingSuite } from './faults/training.js';

describe('a training whose connections break', function () {
  this.timeout(25 * 60_000);
  trainingSuite(1500, { fromMs: 1000, toMs: 4000 }, 100);
});
