/** Codes of model locks and their keys. */
import type { CodeTable } from './table.js';

export const LOCKS = {
  WEIGHTS_EXTERNAL: {
    meaning: 'Weights of a model are in another file, so that changing this one would not lock them.',
    remedy: 'Save the model as one file: in Python `onnx.save(onnx.load(path), one_file)`, below 2 GB.',
  },
  WEIGHTS_TYPE: {
    meaning: 'A weight is of a type that has no bytes of fixed size, or that is not known.',
    remedy: 'Leave it out, or export the model with weights that are numbers.',
  },
  WEIGHTS_REPLACEMENT: {
    meaning: 'Bytes that should take the place of a weight are not as many, or there is no such weight.',
    remedy: 'Give each weight as many bytes as it has; `tacit lock inspect --weights` lists them.',
  },
  LOCK_KEY_FORMAT: {
    meaning: 'A file is not a key of a lock, is damaged, was edited, or is of a newer version.',
    remedy: 'Restore the key from a backup. A key is not to be edited.',
  },
  LOCK_KEY_PASSPHRASE: {
    meaning: 'A key is sealed, and the passphrase is missing or wrong.',
    remedy: 'Give it at the prompt, with `--passphrase-file`, or in TACIT_LOCK_PASSPHRASE.',
  },
  LOCK_KEY_MODEL: {
    meaning:
      'A key is of another kind, or of another model or another lock of it than the file that it should unlock.',
    remedy: '`tacit lock inspect KEY MODEL.onnx` shows both ids.',
  },
  LOCK_KEY_EXISTS: {
    meaning: 'There is a file where a key should be written. Without its key, a locked model is lost.',
    remedy: 'Choose another name, or say that it may be replaced (`--force`).',
  },
  LOCK_STATE: {
    meaning: 'A model is locked already, or is not locked, or by another lock than the command is for.',
    remedy: '`tacit lock inspect MODEL.onnx` says how it is locked.',
  },
  LOCK_WEAK: {
    meaning:
      'Within its limits a lock cannot make the model as useless as it should be. Nothing was written.',
    remedy: 'Raise the limits that the message names, or accept a weaker lock (`--accept-weaker`).',
  },
  LOCK_CANCELLED: {
    meaning: 'A lock was stopped, by Ctrl-C or a signal. Nothing was written.',
    remedy: 'Start it again; nothing is left of it.',
  },
  LOCK_DAMAGED: {
    meaning: 'A locked model was changed after it was locked, or its key is wrong. Nothing was written.',
    remedy: 'Take the file as it was when it was locked, and its own key.',
  },
} as const satisfies CodeTable;
