/** @packageDocumentation Asking models of others in private: `connect`. Runs in Node.js and in browsers. */
export * from '@tacit/service/client';
