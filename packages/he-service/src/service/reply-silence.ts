import type { FastifyReply } from 'fastify';

/** A client that does not read its reply for `ms` loses its connection; 0: it may be silent as long as it likes. */
export function limitSilence(reply: FastifyReply, ms: number): void {
  reply.raw.socket?.setTimeout(ms);
}
