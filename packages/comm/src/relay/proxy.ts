/**
 * The HTTP proxies that many networks let connections out through. Which one, if any, the environment says: HTTPS_PROXY
 * for `wss:`, HTTP_PROXY for `ws:`, ALL_PROXY for both, NO_PROXY for exceptions; in small letters, too.
 */
import type { ClientRequest } from 'node:http';
import { HttpsProxyAgent, type HttpsProxyAgentOptions } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';
import { CommArgumentError, HandshakeError } from '../errors.js';
import { ProxyError } from './errors.js';

type Connect = HttpsProxyAgent<string>['connect'];
/** Goes to `net.connect`, which takes a signal; the type of the library knows none for a proxy known only by its URL. */
type TunnelOptions = HttpsProxyAgentOptions<string>;

/**
 * What goes through the proxy that the environment names for an address.
 * @param address of `ws:` or `wss:`
 * @returns for the option `agent` of what opens connections; undefined where there is no proxy on the way
 * @throws CommArgumentError if the environment names a proxy that is none
 * @example identityOpener({ ...options, agent: proxyAgentFor(address) })
 */
export function proxyAgentFor(address: string): ProxyAgent | undefined {
  const proxy = getProxyForUrl(address.replace(/^ws/, 'http'));
  if (proxy === '') return undefined;
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new CommArgumentError(
      `the proxy that the environment names for ${new URL(address).host} is not of the form http://host:port; correct HTTPS_PROXY or HTTP_PROXY, or except the host by NO_PROXY`,
    );
  return new ProxyAgent(url, address.startsWith('wss:'));
}

/** Tunnels through a proxy (CONNECT). Its errors name the proxy, and never the password that may be in its address. */
export class ProxyAgent extends HttpsProxyAgent<string> {
  /** Host and port. */
  readonly name: string;
  readonly #url: URL;
  readonly #encrypted: boolean;

  /**
   * For connections to one address.
   * @param url of the proxy, possibly with user and password
   * @param encrypted whether the address is of `wss:`
   */
  constructor(url: URL, encrypted: boolean) {
    super(url.href);
    this.#url = url;
    this.#encrypted = encrypted;
    this.name = url.host;
  }

  /** Does not guess by the stack. */
  override isSecureEndpoint(): boolean {
    return this.#encrypted;
  }

  override async connect(
    request: ClientRequest,
    options: Parameters<Connect>[1],
  ): Promise<Awaited<ReturnType<Connect>>> {
    const target = `${options.host}:${options.port}`;
    const hangUp = new AbortController();
    // A request that is given up takes its half-made tunnel along. It says `abort`; without a socket it never closes.
    const onAbort = (): void => hangUp.abort();
    request.once('abort', onAbort);
    let answer: { statusCode: number; statusText: string } | undefined;
    request.once('proxyConnect', (response: { statusCode: number; statusText: string }) => {
      answer = response;
    });
    try {
      const tunnel = new HttpsProxyAgent(this.#url.href, { signal: hangUp.signal } as TunnelOptions);
      const socket = await tunnel.connect(request, options);
      if (answer?.statusCode === 200) return socket;
      socket.destroy();
    } catch (error) {
      throw new ProxyError(
        this.name,
        `the proxy ${this.name} on the way to ${target} cannot be reached or does not answer as a proxy does: ${textOf(error)}; check HTTPS_PROXY, or except ${options.host} by NO_PROXY`,
        { cause: error },
      );
    } finally {
      request.off('abort', onAbort);
    }
    throw this.#refusal(target, answer?.statusCode ?? 0, answer?.statusText ?? '');
  }

  #refusal(target: string, status: number, text: string): Error {
    const said = `the proxy ${this.name} refuses the connection to ${target}: ${status} ${text}`.trim();
    if (status === 407)
      return new HandshakeError(
        'proxy',
        `${said}; put user and password into its address, http://user:password@${this.name}`,
      );
    if (status >= 400 && status < 500 && status !== 408 && status !== 429)
      return new HandshakeError('proxy', `${said}; ask its operator to allow CONNECT to ${target}`);
    return new ProxyError(this.name, `${said}; the proxy may not reach it at the moment`);
  }
}

const textOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.message || ('code' in error ? String(error.code) : error.name);
};
