/** Services and clients of the tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type RunningService,
  type ServiceLimits,
  type ServiceOptions,
  startService,
} from '../../src/service/index.js';
import { HeHttpClient, type HeHttpClientOptions } from '../../src/service-client/index.js';
import { artefactsOf, makeModel } from './test-envelopes.js';

export const engine = new URL('./test-engine.ts', import.meta.url);

export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'tacit-he-service-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface TestService extends RunningService {
  readonly folder: string;
  client(options?: Partial<HeHttpClientOptions>): HeHttpClient;
  /** Request without the client's help. */
  send(
    path: string,
    init?: RequestInit,
  ): Promise<{ status: number; headers: Headers; body: Uint8Array; code: string }>;
  /** The value of a metric, labels included in its name. */
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

export const digits = makeModel('digits');

/** A service with the model `digits` and the test engine, in a folder that `stop` removes. */
export async function testService(
  options: Partial<ServiceOptions> & { limits?: Partial<ServiceLimits> } = {},
): Promise<TestService> {
  const folder = temporaryFolder();
  const stateDirectory = options.stateDirectory ?? folder.path;
  const service = await startService({
    models: [artefactsOf('digits')],
    workers: 1,
    logLevel: 'silent',
    engine,
    ...options,
    stateDirectory,
  }).catch((error) => {
    folder.remove();
    throw error;
  });
  const send = async (path: string, init?: RequestInit) => {
    const response = await fetch(service.url + path, init);
    const body = new Uint8Array(await response.arrayBuffer());
    const isJson = response.headers.get('content-type')?.includes('json');
    const code = isJson ? String(JSON.parse(Buffer.from(body).toString()).code) : '';
    return { status: response.status, headers: response.headers, body, code };
  };
  return {
    ...service,
    folder: stateDirectory,
    client: (more) => new HeHttpClient({ url: service.url, retries: 0, retryPauseMs: 5, ...more }),
    send,
    async metric(name) {
      const lines = Buffer.from((await send('/metrics')).body)
        .toString()
        .split('\n');
      return Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? 0);
    },
    async stop() {
      await service.close();
      folder.remove();
    },
  };
}

/** The error of a promise that must fail. */
export async function errorOf(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('nothing was thrown');
}
