/** Codes of tapes: correlated randomness that was made ahead. */
import type { CodeTable } from './table.js';

export const TAPES = {
  TAPE_PLAN_FORMAT: {
    meaning: 'A file is not a plan of a tape, is damaged, or is of another version.',
    remedy: 'Make the plan again, with the same release: `tacit deal --plan-only`, or `recordPlan`.',
  },
  TAPE_PLAN: {
    meaning: 'A program asks for other randomness than the tape was made for.',
    remedy: 'Deal for this program: the same model, shapes, parties and settings. The tape is spent.',
  },
  TAPE_EXHAUSTED: {
    meaning: 'A program goes on after the last operation of its tape.',
    remedy: 'Make the plan for as many steps or inferences as the session has.',
  },
  TAPE_SPENT: {
    meaning: 'A tape was used before, here or at another member: a copy, or files from a backup.',
    remedy: 'Deal anew. Where nobody restored a backup or copied a folder, find out who did.',
  },
  NO_TAPE: {
    meaning: 'There is no tape left that all members have and none has used.',
    remedy: 'Deal more, and give each member its own files; `tacit tapes ls` shows what is there.',
  },
  TAPE_FORMAT: {
    meaning: 'A file is not a tape or its key, is cut off, or is of another version.',
    remedy: 'Copy it again from the dealer; it is not to be edited.',
  },
  TAPE_DAMAGED: {
    meaning: 'A part of a tape is not as the dealer wrote it.',
    remedy: 'Copy it again from the dealer before it is used; a tape that was begun is lost.',
  },
  TAPE_KEY: {
    meaning: 'A tape was sealed for another member, or not by the dealer that it should come from.',
    remedy: 'Give the dealer your own public key, and the right public key of the dealer here.',
  },
  TAPE_KEY_FILE: {
    meaning: 'A file is not a secret key of `tacit tapes keygen`, or others can read it.',
    remedy: 'Use the file that `tacit tapes keygen` wrote, with mode 600.',
  },
} as const satisfies CodeTable;
