/** `@tacit/comm/resumable`: links that outlive broken connections. Runs in Node.js and in browsers. */

export type { ResumeSettings } from './link/link-settings.js';
export { resumable } from './link/resumable.js';
