import { trainingSuite } from './faults/training.js';

describe('a training whose connections break', function () {
  this.timeout(120_000);
  trainingSuite(7, { fromMs: 150, toMs: 400 }, 2);
});
