/** Codes of models that are served to clients, and of these clients. */
import type { CodeTable } from './table.js';

export const SERVING = {
  MODEL_INVITE: {
    meaning:
      'The text is no invite to a model, not a whole one, or one whose dealer the caller does not accept.',
    remedy: 'Copy all of the invite, from `tacit:1:` on; ask the owner of the model for another one.',
  },
  MODEL_REFUSED: {
    meaning: 'The service does not let this client in; `remoteCode` says why.',
    remedy:
      'INVITE_UNKNOWN, INVITE_EXPIRED: ask for a new invite. QUOTA_USED_UP: wait until tomorrow (UTC), or ask for more. BUSY, DRAINING: try again later. DEALER_ABSENT: the service cannot reach its dealer; tell its owner.',
  },
  MODEL_UNREACHABLE: {
    meaning: 'Nobody answers where the invite says that the service is.',
    remedy:
      'See whether the service runs, and whether a firewall or proxy is in between; the message has the cause.',
  },
  MODEL_PROTOCOL: {
    meaning: 'A service or client said something that nobody of this release says.',
    remedy: 'Update both sides to one release; check proxies in between.',
  },
  MODEL_FEEDS: {
    meaning: 'What a model was given does not fit its inputs.',
    remedy: '`model.info.inputs` lists names, shapes and types.',
  },
  MODEL_CLOSED: {
    meaning: 'The connection to the model was closed by its user.',
    remedy: 'Connect again.',
  },
  SERVE_USAGE: {
    meaning: 'A service cannot be started, or an invite made, as it was asked for.',
    remedy: 'Correct what the message names; `tacit serve --help` has examples.',
  },
  SESSION_IDLE: {
    meaning: 'A client asked nothing for so long that its session was ended.',
    remedy: 'The next question of the client opens another session by itself; `--idle` sets the time.',
  },
} as const satisfies CodeTable;
