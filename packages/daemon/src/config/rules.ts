/** What no schema of single values says: which settings go together. */
import { resolve } from 'node:path';
import type { ConfigError } from '../errors.js';
import type { ValuePath } from './places.js';
import type { DaemonConfig } from './schema.js';

type ErrorAt = (path: ValuePath, message: string) => ConfigError;

/**
 * Settings whose paths of files are absolute.
 * @param config as the schema gave it
 * @param folderOf the folder that the path of a setting is relative to
 * @returns a copy
 */
export function resolvePaths(config: DaemonConfig, folderOf: (path: ValuePath) => string): DaemonConfig {
  const at = (path: ValuePath, file: string): string => resolve(folderOf(path), file);
  const { relayServer } = config;
  return {
    ...config,
    programs: config.programs.map((program, i) => ({
      ...program,
      file: at(['programs', i, 'file'], program.file),
      files: Object.fromEntries(
        Object.entries(program.files).map(([key, file]) => [key, at(['programs', i, 'files', key], file)]),
      ),
      ...(program.tapes && {
        tapes: {
          ...program.tapes,
          folder: at(['programs', i, 'tapes', 'folder'], program.tapes.folder),
          key: at(['programs', i, 'tapes', 'key'], program.tapes.key),
          ...(program.tapes.ledger !== undefined && {
            ledger: at(['programs', i, 'tapes', 'ledger'], program.tapes.ledger),
          }),
        },
      }),
      ...(program.results !== undefined && { results: at(['programs', i, 'results'], program.results) }),
    })),
    ...(relayServer && {
      relayServer: {
        ...relayServer,
        ...(relayServer.tls && {
          tls: {
            key: at(['relayServer', 'tls', 'key'], relayServer.tls.key),
            certificate: at(['relayServer', 'tls', 'certificate'], relayServer.tls.certificate),
          },
        }),
      },
    }),
  };
}

/**
 * Checks what goes together.
 * @param config complete
 * @param errorAt makes the error of a path
 * @throws ConfigError
 */
export function checkConfig(config: DaemonConfig, errorAt: ErrorAt): void {
  const names = config.programs.map(({ name }) => name);
  names.forEach((name, i) => {
    if (names.indexOf(name) < i)
      throw errorAt(['programs', i, 'name'], `there are two programs of the name '${name}'`);
  });
  const { limits, relayServer } = config;
  if ((limits.sessionsAtOncePerPeer ?? 0) > limits.sessionsAtOnce)
    throw errorAt(
      ['limits', 'sessionsAtOncePerPeer'],
      `'limits.sessionsAtOncePerPeer' must be at most limits.sessionsAtOnce, which is ${limits.sessionsAtOnce}`,
    );
  if (relayServer?.listen.plain && relayServer.tls)
    throw errorAt(
      ['relayServer', 'tls'],
      "'relayServer.tls' and 'relayServer.listen.plain' exclude each other: who ends TLS, the relay or a proxy?",
    );
}
