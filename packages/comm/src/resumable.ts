/** `@tacit/comm/resumable`: links that outlive broken connections. Runs in Node.js and in browsers. */
export { resumable } from './link/resumable.js';
export type { ResumeSettings } from './link/resumable-link.js';
