/** Settings of the port for guests: clients of a service, who have no identity that anybody knows. */
import * as v from 'valibot';
import { about, address, host, port } from './parts.js';

const origin = v.pipe(
  v.string('must be a text'),
  v.maxLength(300, 'is too long'),
  v.regex(
    /^(?:\*|https?:\/\/[^\s/?#]+)$/,
    "must be the origin of a page, such as 'https://app.example', or '*' for all",
  ),
);

/** The settings under `guests`. */
export const guests = v.strictObject({
  listen: about(
    v.strictObject({
      host: v.optional(about(host, 'Where to listen; 0.0.0.0 for all IPv4 addresses'), '127.0.0.1'),
      port: about(port, '0 lets the system choose'),
    }),
    'A port of its own; what guests say is encrypted by Noise, and a proxy in front may end TLS',
  ),
  address: v.optional(
    about(
      address(['wss:', 'ws:'], 'wss://dealer.example'),
      'How guests reach it, if not at the port it listens on; web pages of https: need wss:',
    ),
  ),
  origins: v.optional(
    about(v.pipe(v.array(origin), v.maxLength(1000)), 'Web pages that may connect; none by default'),
    [],
  ),
});
