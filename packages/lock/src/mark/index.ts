export { type LockMark, MARK_ENTRY, markText, readMark, requireMark, requireUnlocked } from './mark.js';
