/** What threads and those who start them say to each other. */
import type { Examples, Job, Part, SharedParameters, Sums } from '../loss/job.js';

export type ToThread =
  | {
      readonly type: 'run';
      readonly parameters: SharedParameters;
      readonly examples: Examples;
      readonly parts: readonly Part[];
      /** Its number is not 0 as soon as the pass is to end early. */
      readonly stop: Int32Array<SharedArrayBuffer>;
    }
  | { readonly type: 'end' };

export type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'passed'; readonly count: number }
  | { readonly type: 'done'; readonly sums: Sums }
  | { readonly type: 'failed'; readonly code: string | undefined; readonly message: string };

export type ThreadSetup = Job;
