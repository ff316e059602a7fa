/** Who ends TLS at the other end of a TCP connection: the peer itself, or something on the way. */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { type Found, problem } from '../finding.js';
import { placeOf, type Target } from '../target.js';
import { codeOf, within } from '../within.js';

/** The certificate that was shown, as far as it says something to people. */
export interface Shown {
  /** SHA-256 of its DER, as peers are known by. */
  readonly fingerprint: string;
  readonly subject: string;
  readonly issuer: string;
  /** Whether the authorities that this machine trusts vouch for it, and for the name. */
  readonly trusted: boolean;
  readonly expires: Date;
  /** `TLSv1.3`. */
  readonly protocol: string;
}

export interface TlsKey {
  readonly key: string;
  readonly certificate: string;
}

/**
 * Shakes hands as a member would, whoever is there, and hangs up.
 * @param socket connected, used up
 * @param target whose name is asked for
 * @param identity the certificate of this side
 * @param limitMs how long it may take
 * @param signal cancels it
 * @returns the certificate that was shown, or a problem
 */
export async function outerTls(
  socket: Socket,
  target: Target,
  identity: TlsKey,
  limitMs: number,
  signal: AbortSignal,
): Promise<Shown | Found> {
  try {
    return await within(limitMs, signal, () => shake(socket, target, identity));
  } catch (error) {
    signal.throwIfAborted();
    return failed(target, error);
  } finally {
    socket.destroy();
  }
}

const HUNG_UP = 'the connection ended';

function shake(socket: Socket, { host }: Target, { key, certificate }: TlsKey): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const secured = connect({
      socket,
      ...(isIP(host) ? {} : { servername: host }),
      ALPNProtocols: ['http/1.1'],
      key,
      cert: certificate,
      // Nothing is sent here, and what is shown is compared with the pin.
      rejectUnauthorized: false,
    });
    secured.once('error', reject);
    socket.once('close', () => reject(new Error(HUNG_UP)));
    secured.once('secureConnect', () => {
      secured.on('error', () => {});
      const shown = shownBy(secured);
      if (shown) resolve(shown);
      else reject(new Error('it shows no certificate'));
      secured.destroy();
    });
  });
}

function shownBy(socket: TLSSocket): Shown | undefined {
  const certificate = socket.getPeerCertificate();
  if (certificate?.raw === undefined) return undefined;
  return {
    fingerprint: createHash('sha256').update(certificate.raw).digest('hex'),
    subject: nameOf(certificate.subject) ?? '(no name)',
    issuer: nameOf(certificate.issuer) ?? '(no name)',
    trusted: socket.authorized,
    expires: new Date(certificate.valid_to),
    protocol: socket.getProtocol() ?? '',
  };
}

/** What others wrote into a certificate goes to a terminal: printable characters only, and not many. */
function nameOf(name: Partial<Record<'CN' | 'O', string | string[]>> | undefined): string | undefined {
  const text = [name?.CN ?? name?.O].flat()[0];
  return text?.replace(/[^\x20-\x7e]/g, '?').slice(0, 80);
}

function failed(target: Target, error: unknown): Found {
  const place = placeOf(target);
  const code = codeOf(error);
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH|INVALID_.*RECORD|HTTP_REQUEST/i.test(code))
    return problem(
      `${place} does not speak TLS (${code})`,
      'something else listens on this port, or tacit runs there as plain: then its address is that of the proxy before it',
    );
  if (/ALERT|HANDSHAKE_FAILURE|UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION/i.test(code))
    return problem(
      `${place} refuses the TLS handshake (${code})`,
      'TLS 1.3 is needed: ask who runs the server or the load balancer there which versions and names it takes',
    );
  if (code === HUNG_UP || code === 'ECONNRESET')
    return problem(
      `${place} hangs up during the TLS handshake (${code})`,
      'either nothing there speaks TLS (tacit runs as plain, and its address is that of the proxy before it), or a load balancer has no server behind it, or a firewall inspects traffic: ask who runs it',
    );
  return problem(
    `${place} takes the connection and then does not finish the TLS handshake (${code})`,
    'a firewall that inspects traffic, or a load balancer without a server behind it, does this: ask who runs it',
  );
}
