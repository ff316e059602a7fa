/** Codes of the homomorphic service: what it answers, what its client says, how its workers fail. */
import type { CodeTable } from './table.js';

export const SERVICE = {
  BAD_REQUEST: {
    meaning: 'The request is not one that the service understands.',
    remedy: 'Use the client of the same release.',
  },
  BODY_ABORTED: {
    meaning: 'The body of the request ended early.',
    remedy: 'Send it again.',
  },
  BODY_LENGTH_WRONG: {
    meaning: 'The body has another length than was announced.',
    remedy: 'Send it again, without a proxy that changes it.',
  },
  BODY_TIMEOUT: {
    meaning: 'The body came too slowly.',
    remedy: 'Send it again on a faster connection.',
  },
  BODY_TOO_LARGE: {
    meaning: 'The body exceeds the limit.',
    remedy: 'Send fewer inputs at once.',
  },
  FRAMES_MALFORMED: {
    meaning: 'Bytes that are not a sequence of frames.',
    remedy: 'Use the client of the same release.',
  },
  LAYERS_INVALID: {
    meaning: 'The layers that were asked for do not exist in the model.',
    remedy: 'Ask for layers that the model lists.',
  },
  UNAUTHORISED: {
    meaning: 'The token is missing or wrong.',
    remedy: 'Send the token that the operator of the service gave you.',
  },
  NOT_FOUND: {
    meaning: 'The address does not exist.',
    remedy: 'Check the URL.',
  },
  MODEL_NOT_FOUND: {
    meaning: 'The service does not serve this model.',
    remedy: 'Ask for the list of models.',
  },
  KEY_NOT_FOUND: {
    meaning: 'The service does not have this evaluation key.',
    remedy: 'Upload it.',
  },
  KEY_OF_OTHER_PARAMETERS: {
    meaning: 'The key belongs to other encryption parameters.',
    remedy: 'Upload the key of this model.',
  },
  KEY_INCOMPLETE: {
    meaning: 'The upload of the key was not finished.',
    remedy: 'Upload it again.',
  },
  KEY_DAMAGED: {
    meaning: 'The key is damaged.',
    remedy: 'Upload it again.',
  },
  KEY_EXPIRED: {
    meaning: 'The service has deleted the key after its time.',
    remedy: 'Upload it again.',
  },
  KEY_TOO_LARGE: {
    meaning: 'The key exceeds the limit.',
    remedy: 'Compile with smaller parameters, or let the operator raise the limit.',
  },
  KEY_HASH_MISMATCH: {
    meaning: 'The bytes of the key are not those that its name says.',
    remedy: 'Upload it again, unchanged.',
  },
  KEY_QUOTA_EXCEEDED: {
    meaning: 'The keys of this tenant fill its share.',
    remedy: 'Delete keys that you do not need.',
  },
  KEY_STORE_FULL: {
    meaning: 'The store for keys is full.',
    remedy: 'Try again later, or let the operator give it more room.',
  },
  PARAMETERS_MISMATCH: {
    meaning: 'The inputs were encrypted under other parameters.',
    remedy: 'Encrypt them with the client of this model.',
  },
  LENGTH_REQUIRED: {
    meaning: 'The request has no Content-Length.',
    remedy: 'Send one.',
  },
  CONTENT_ENCODING_REFUSED: {
    meaning: 'The body is compressed.',
    remedy: 'Send it as it is.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    meaning: 'The body has another type than the address takes.',
    remedy: 'Send application/octet-stream, or what the message names.',
  },
  RATE_LIMITED: {
    meaning: 'Too many requests in a short time.',
    remedy: 'Wait as long as the answer says.',
  },
  TENANT_QUEUE_FULL: {
    meaning: 'Too many tasks of this tenant wait already.',
    remedy: 'Wait as long as the answer says.',
  },
  TOO_MANY_UPLOADS: {
    meaning: 'Too many uploads of this tenant run at once.',
    remedy: 'Upload one after another.',
  },
  EVALUATION_FAILED: {
    meaning: 'The evaluation failed.',
    remedy: 'Report it to the operator, with the id of the request.',
  },
  EVALUATION_TIMEOUT: {
    meaning: 'The evaluation took longer than the limit and was stopped.',
    remedy: 'Send fewer inputs at once, or let the operator raise the limit.',
  },
  INTERNAL: {
    meaning: 'The service failed for a reason that it does not tell.',
    remedy: 'Report it to the operator, with the id of the request.',
  },
  BYTES_IN_FLIGHT: {
    meaning: 'The service holds as many bytes of requests as it may.',
    remedy: 'Wait as long as the answer says.',
  },
  QUEUE_FULL: {
    meaning: 'Too many tasks wait already.',
    remedy: 'Wait as long as the answer says.',
  },
  QUEUE_TIMEOUT: {
    meaning: 'A task waited longer than the limit.',
    remedy: 'Wait as long as the answer says.',
  },
  SHUTTING_DOWN: {
    meaning: 'The service is ending.',
    remedy: 'Try another instance, or later.',
  },
  SERVICE_UNREACHABLE: {
    meaning: 'No answer from the service.',
    remedy: 'Check the URL, and that the service runs.',
  },
  SERVICE_PROTOCOL: {
    meaning: 'The service answered with something that no correct service sends.',
    remedy: 'Update both sides to one release; check proxies in between.',
  },
  HE_CLIENT_BAD_ARGUMENT: {
    meaning: 'A call of the client with an impossible argument.',
    remedy: 'Correct the argument that the message names.',
  },
  SERVICE_BAD_OPTION: {
    meaning: 'An option of the service is impossible.',
    remedy: 'Correct the option that the message names.',
  },
  SERVICE_MODEL: {
    meaning: 'A model cannot be served.',
    remedy: 'Compile it again; the message says what is wrong.',
  },
  WORKER_LOST: {
    meaning: 'The worker of a task died, of memory, time or a crash.',
    remedy: 'Try again; if it happens again, give workers more memory.',
  },
  WORKER_UNUSABLE: {
    meaning: 'A worker cannot start.',
    remedy: 'See the code of the engine in the message.',
  },
  POOL_CLOSED: {
    meaning: 'The pool was closed before the task ran.',
    remedy: 'Try another instance, or later.',
  },
} as const satisfies CodeTable;
