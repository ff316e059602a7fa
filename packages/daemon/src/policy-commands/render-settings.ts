/** Settings as `tacit config show` prints them. */
import { table } from '@tacit/cli-kit';
import { effectiveSettings, type LoadedConfig, type Origin } from '../config/load.js';
import { asWritten } from '../config/walk.js';

/**
 * Every setting, its value and its origin.
 * @param loaded settings
 * @param json whether as JSON
 * @returns what is printed
 */
export function renderSettings(loaded: LoadedConfig, json: boolean): string {
  const settings = effectiveSettings(loaded);
  if (json) {
    const all = settings.map(({ path, variable, value, origin }) => ({
      setting: path.join('.'),
      variable,
      value: asWritten(path, value),
      origin,
    }));
    return `${JSON.stringify({ home: loaded.home, file: loaded.file, warnings: loaded.warnings, settings: all }, null, 2)}\n`;
  }
  const rows = settings.map(({ path, value, origin }) => [
    path.join('.'),
    `${value === undefined ? '-' : JSON.stringify(asWritten(path, value))}  (${sourceOf(origin)})`,
  ]);
  const lines = [
    `home  ${loaded.home}`,
    `file  ${loaded.file ?? 'none'}`,
    '',
    ...table(['setting', 'value'], rows),
  ];
  return `${lines.join('\n')}\n`;
}

const sourceOf = (origin: Origin): string => {
  if (origin.kind === 'default') return 'default';
  if (origin.kind !== 'file') return origin.source;
  return [origin.source.replace(/^.*[\\/]/, ''), ...(origin.place ?? [])].join(':');
};
