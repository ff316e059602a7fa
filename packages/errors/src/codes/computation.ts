/** Codes of computations among parties: starting them, network, protocols, tensors, files. */
import type { CodeTable } from './table.js';

export const COMPUTATION = {
  ARGUMENT: {
    meaning: 'An argument or option is outside of what an operation takes.',
    remedy: 'Correct the argument that the message names.',
  },
  SHAPE: {
    meaning: 'Shapes or axes do not fit an operation.',
    remedy: 'Compare the shapes in the message; reshape or broadcast explicitly.',
  },
  INPUT_TYPE: {
    meaning: 'A value is not a tensor of numbers: ragged arrays, strings, mixed types.',
    remedy: 'Pass nested arrays of equal lengths, a typed array with a shape, or a tensor.',
  },
  VALUE_OUT_OF_RANGE: {
    meaning: 'A number is not finite, or too large for the fixed point in use.',
    remedy: 'Scale the data (standardise features), or use fewer fraction bits.',
  },
  DISPOSED: {
    meaning: 'A tensor or model was used after it had been disposed.',
    remedy: 'Dispose it later, or return it from `tidy`.',
  },
  NO_GRADIENT: {
    meaning: 'A gradient was asked for where none flows: nothing requires one, or it was computed already.',
    remedy: 'Set `requiresGrad` before the forward pass, and compute it again before each `backward()`.',
  },
  MODEL_NOT_ENCRYPTED: {
    meaning: 'A model was used before its parameters were shared.',
    remedy: 'Call `encrypt({ src })` first, at all parties.',
  },
  SCOPE: {
    meaning: 'A scope was opened again after its end, or used in a way that would repeat random numbers.',
    remedy: 'Give each scope a name of its own, and issue its operations before it ends.',
  },
  OPERATION_FAILED: {
    meaning: 'An operation failed for a reason that has no code of its own.',
    remedy: 'Read the cause, at the party that the message names.',
  },
  CONFIG_INVALID: {
    meaning: 'A protocol setting cannot work.',
    remedy: 'Choose a value in the range that the message states, or the default.',
  },
  CONFIG_MISMATCH: {
    meaning: 'Members were started with different settings.',
    remedy: 'Start all parties and the dealer with the same settings and the same release.',
  },
  PROGRAM_MISMATCH: {
    meaning: 'The parties run different programs.',
    remedy:
      'Run the same program everywhere: let no operation depend on rank, time or private data, and use scopes for concurrent parts.',
  },
  DEALER_REQUEST: {
    meaning:
      'The dealer was asked for correlated randomness that does not exist, makes no sense or exceeds its limits.',
    remedy: 'Run the same release everywhere; if the request is right, raise the limits of the dealer.',
  },
  PEER_TIMEOUT: {
    meaning: 'A member did not send an expected message within the timeout.',
    remedy: 'See whether it hangs or runs another program; raise `timeoutMs` if it only needs longer.',
  },
  PEER_LEFT: {
    meaning: 'A member left while something was still expected from it.',
    remedy: 'Look at its own log for the cause.',
  },
  PEER_ABORTED: {
    meaning: 'Another member failed and ended the computation.',
    remedy: 'See `remoteCode` and the messages of the member that it names.',
  },
  PEER_UNREACHABLE: {
    meaning: 'No connection to a member within the connect timeout.',
    remedy: 'Check its address, that it was started, and firewalls.',
  },
  HANDSHAKE_FAILED: {
    meaning: 'The other side answered, but is not the member that it should be, or refuses this one.',
    remedy: 'Check token, session id and ranks, and that all run the same release.',
  },
  RELAY_REFUSED: {
    meaning:
      'A relay refuses a connection for now: the member that it should go to is not there, or it is full.',
    remedy: 'Start the member that the message names; members try again by themselves until their timeout.',
  },
  PROXY_FAILED: {
    meaning: 'An HTTP proxy on the way could not be reached, or did not get through.',
    remedy: 'Correct HTTPS_PROXY or HTTP_PROXY, or except the host by NO_PROXY.',
  },
  PROTOCOL_VIOLATION: {
    meaning: 'A member sent what no correct member sends.',
    remedy: 'Update all members to one release; if it stays, take it for an attack or a bug and report it.',
  },
  COMM_MAILBOX_FULL: {
    meaning: 'A member sent far ahead of what was received here.',
    remedy: 'Receive earlier, await `flushed()` in the sender, or raise `maxMailboxBytes`.',
  },
  COMM_CLOSED: {
    meaning: 'The communicator or session was closed here.',
    remedy: 'Await all results before closing.',
  },
  COMM_BAD_ARGUMENT: {
    meaning: 'A call of the communication layer with an impossible argument.',
    remedy: 'Correct the argument that the message names.',
  },
  FRAME_TOO_LARGE: {
    meaning: 'A message exceeds what one frame may hold.',
    remedy: 'Send it in parts.',
  },
  PARTY_FAILED: {
    meaning: 'The function of a party, or the dealer, threw.',
    remedy: 'Read `cause`: it has the original message, code and stack.',
  },
  PARTY_EXITED: {
    meaning: 'The thread or process of a member ended without a result.',
    remedy: 'Look at its output; a signal often means that memory ran out.',
  },
  PARTY_NOT_REACHED: {
    meaning: 'A module did not come to the same launching call when it ran again in a party.',
    remedy: 'Let the top level make the same calls in every run, or use `runExported`.',
  },
  LAUNCH_NESTED: {
    meaning: 'Parties were to be launched where a party would have to launch parties of its own.',
    remedy: 'Launch from the top level of a script, or from a module that the parties do not import.',
  },
  LAUNCH_OPTIONS: {
    meaning: 'The options of a launch make no sense.',
    remedy: 'Correct the option that the message names.',
  },
  LAUNCH_ABORTED: {
    meaning: 'The launch was cancelled by its AbortSignal.',
    remedy: 'None needed; `cause` is the reason of the signal.',
  },
  RESULT_NOT_TRANSFERABLE: {
    meaning: 'A party returned something that cannot leave its thread or process.',
    remedy: 'Return plain data: numbers, arrays, typed arrays, revealed tensors.',
  },
  FILE_NOT_FOUND: {
    meaning: 'A file to read does not exist.',
    remedy: 'Check the path; it is relative to the working folder of the party.',
  },
  FILE_NOT_READABLE: {
    meaning: 'A file cannot be opened or read.',
    remedy: 'Check its permissions, and that it is a file.',
  },
  FILE_NOT_WRITABLE: {
    meaning: 'A file cannot be written.',
    remedy: 'Check permissions, free space, and that its folder exists.',
  },
  NPY_FORMAT: {
    meaning: 'A file is not a correct .npy file, or holds something other than numbers.',
    remedy: 'Save it again with `numpy.save`, as float32 or float64.',
  },
  ARRAY_FILE: {
    meaning:
      'A .npz, .safetensors or .csv file is not correct, has no such array, or holds something other than numbers.',
    remedy: 'Correct what the message names; in tables fill in or leave out missing values and texts.',
  },
  PEER_FILE: {
    meaning: 'Another party could not read or write its file.',
    remedy: 'See `remoteCode`, and the message at the party that it names.',
  },
  TRAIN_CONFIG: {
    meaning: 'A training config is not correct, or does not fit the files that it names.',
    remedy:
      'Correct the line that the message names; `tacit train --example` prints a config with comments, `tacit train CONFIG --check` checks one without starting.',
  },
  RUN_FILE: {
    meaning: 'A file is not the record of a training run, or it is damaged or of another version.',
    remedy: 'Give `tacit report` a file that `tacit train --json` wrote, unchanged.',
  },
  TWIN_DIFFERS: {
    meaning:
      'The private result of an operation left its range, or differs from double precision by more than its stated error.',
    remedy:
      'Keep the values that the message names within the range: scale the data, clip, or use fewer fraction bits.',
  },
  SHARES_FORMAT: {
    meaning: 'A file of shares is damaged, cut off, of another version, or not such a file.',
    remedy:
      'Take the file from where it was saved again, with its bytes unchanged; all parties save once more if it is lost.',
  },
  SHARES_MISMATCH: {
    meaning: 'The files of shares of the parties do not belong together, or not to this computation.',
    remedy: 'Load, at each party, its own file of the same save, with as many parties and the same suite.',
  },
  RING_SHAPE: {
    meaning: 'Arrays of words or shapes do not fit together.',
    remedy: 'A bug in the calling code: compare the lengths in the message.',
  },
  RING_ARGUMENT: {
    meaning: 'A parameter of a kernel is outside of its domain, such as a shift by 64 bits.',
    remedy: 'A bug in the calling code: correct the parameter.',
  },
  SCRATCH_EXHAUSTED: {
    meaning: 'The scratch memory of the kernels cannot hold what was asked for.',
    remedy: 'Compute in smaller batches, or give the ring more memory.',
  },
  POOL_DOUBLE_GIVE: {
    meaning: 'Memory was given back to a pool twice.',
    remedy: 'A bug in the calling code: give each array back once.',
  },
  NOT_INSTALLED: {
    meaning: 'A command is in a package that is not installed.',
    remedy: 'Install the package that the message names.',
  },
  LINK_KEY: {
    meaning:
      'A key of a table is missing, there twice, or of another kind than the others; the message names rows, never keys.',
    remedy: 'Give each row one key of numbers or text, and write keys the same way in both tables.',
  },
  LINK_PLACEMENT: {
    meaning:
      'The rows of a table found no places under the salt that was drawn, which happens once in 2^40 linkages.',
    remedy: 'Link the tables again; where it happens again, the other party does not follow the protocol.',
  },
} as const satisfies CodeTable;
