/**
 * Entry point of the worker in which a page computes: kernels, cryptography and connections. It is built as one file that
 * needs no other, so that any bundler can treat it as an asset.
 */
import { browserWebSocketTransport, open } from '@tacit/comm/websocket-browser';
import { checkedInvite } from './check.js';
import { RemoteModel } from './model.js';
import type { FromWorker, SentError, ToWorker } from './worker-messages.js';

/** The scope of a worker, of which the types of pages know nothing. */
const scope = globalThis as unknown as {
  postMessage(message: FromWorker, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<ToWorker>) => void): void;
  close(): void;
};
const post = (message: FromWorker, transfer: Transferable[] = []): void =>
  scope.postMessage(message, transfer);

const canceller = new AbortController();
let model: RemoteModel | undefined;

scope.addEventListener('message', ({ data }) => {
  if (data.type === 'connect') void connect(data.invite, data.options);
  else if (data.type === 'run') void run(data.id, data.feeds);
  else if (data.type === 'abort') canceller.abort(new DOMException('connecting was cancelled', 'AbortError'));
  else void close();
});

async function connect(
  invite: string,
  options: Extract<ToWorker, { type: 'connect' }>['options'],
): Promise<void> {
  try {
    model = await RemoteModel.open(
      checkedInvite(invite, options),
      { open, transport: (group) => browserWebSocketTransport(group) },
      {
        ...options,
        signal: canceller.signal,
        onProgress: (progress) => post({ type: 'progress', progress }),
      },
    );
    post({ type: 'connected', info: model.info, stats: model.stats });
  } catch (error) {
    post({ type: 'failed', id: undefined, error: sent(error) });
  }
}

async function run(id: number, feeds: Extract<ToWorker, { type: 'run' }>['feeds']): Promise<void> {
  try {
    if (model === undefined) throw new Error('nothing is connected');
    const answers = await model.ask(feeds);
    const buffers = answers.map(({ data }) => data.buffer as ArrayBuffer);
    post({ type: 'answer', id, answers, stats: model.stats }, buffers);
  } catch (error) {
    post({ type: 'failed', id, error: sent(error) });
  }
}

async function close(): Promise<void> {
  await model?.close().catch(() => {});
  post({ type: 'closed' });
  scope.close();
}

function sent(error: unknown): SentError {
  const { code, message, remoteCode, service, address } = error as Partial<SentError>;
  return {
    // Those of DOMExceptions are numbers.
    code: typeof code === 'string' ? code : undefined,
    message: message ?? String(error),
    remoteCode,
    service,
    address,
  };
}
