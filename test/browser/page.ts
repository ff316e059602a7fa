/** The page of the tests: connects, asks, and says what came. Everything else is done from outside. */
import { type ConnectOptions, connect, type PrivateModel, ServiceUnreachableError } from 'tacit/client';

/** What can pass between a test and the page. */
export interface Given {
  readonly dims: readonly number[];
  readonly data: readonly number[];
  readonly type?: 'int64' | 'int32';
}
export interface Asked {
  readonly outputs: Readonly<
    Record<string, { dims: readonly number[]; data: readonly number[]; type: string }>
  >;
  readonly ms: number;
}
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** Whether it is a ServiceUnreachableError, of the class that the page has imported. */
  readonly known: boolean;
}
export type Said<T> = { readonly value: T } | { readonly error: Failure };

const models: PrivateModel[] = [];
const violations: string[] = [];
document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  violations.push(`${violatedDirective} ${blockedURI}`),
);

async function said<T>(act: () => Promise<T>): Promise<Said<T>> {
  try {
    return { value: await act() };
  } catch (error) {
    const { code, message } = error as Failure;
    return { error: { code, message, known: error instanceof ServiceUnreachableError } };
  }
}

const typed = ({ dims, data, type }: Given) => ({
  dims,
  data:
    type === 'int64'
      ? BigInt64Array.from(data, BigInt)
      : type === 'int32'
        ? Int32Array.from(data)
        : Float32Array.from(data),
});

const api = {
  violations,
  isolated: () => crossOriginIsolated || typeof SharedArrayBuffer !== 'undefined',
  connect: (invite: string, options: ConnectOptions = {}) =>
    said(async () => {
      const began = performance.now();
      const phases: string[] = [];
      const model = await connect(invite, {
        trial: true,
        worker: '/client-worker.js',
        ...options,
        onProgress: ({ phase }) => phases.push(phase),
      });
      models.push(model);
      return {
        at: models.length - 1,
        info: model.info,
        stats: model.stats,
        phases,
        ms: performance.now() - began,
      };
    }),
  run: (at: number, feeds: Readonly<Record<string, Given>>) =>
    said(async (): Promise<Asked> => {
      const began = performance.now();
      const outputs = await (models[at] as PrivateModel).run(
        Object.fromEntries(Object.entries(feeds).map(([name, given]) => [name, typed(given)])),
      );
      const ms = performance.now() - began;
      return {
        ms,
        outputs: Object.fromEntries(
          Object.entries(outputs).map(([name, { dims, data, type }]) => [
            name,
            { dims: [...dims], data: Array.from(data as ArrayLike<number | bigint>, Number), type },
          ]),
        ),
      };
    }),
  /** Asks, ends the session by the signal of `connect` in the middle, and says what came of the question. */
  endedBySignal: async (invite: string, feeds: Readonly<Record<string, Given>>) => {
    const canceller = new AbortController();
    const { signal } = canceller;
    const model = await connect(invite, { trial: true, worker: '/client-worker.js', signal });
    const given = Object.fromEntries(Object.entries(feeds).map(([name, one]) => [name, typed(one)]));
    const asked = said(() => model.run(given));
    canceller.abort(new Error('enough'));
    const ended = await asked;
    const again = await said(() => model.run(given));
    return [ended, again].map((one) => ('error' in one ? (one.error.code ?? one.error.message) : 'answered'));
  },
  stats: (at: number) => (models[at] as PrivateModel).stats,
  close: (at: number) => said(() => (models[at] as PrivateModel).close()),
};

export type Api = typeof api;
Object.assign(globalThis, { tacit: api });
