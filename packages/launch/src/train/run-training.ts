/** Private training from a config: all parties and the dealer on this machine, or one party of a session. */
import { readFileSync } from 'node:fs';
import { readWhole, requireFile } from '@tacit/files';
import { BT3, BT4, checkConfig, defaultConfig, type ProtocolConfig } from '@tacit/mpc';
import { contentSite, replayable, runLaunch } from '../calls.js';
import { LaunchOptionsError } from '../errors.js';
import { entryModule, packageFile } from '../location.js';
import { checkOptions } from '../options.js';
import { decodeResult } from '../result-codec.js';
import { joinSession } from '../session/join-session.js';
import type { SessionOptions } from '../session/session-options.js';
import type { Checked } from './build.js';
import { requireTargets } from './check.js';
import { parseTrainConfig } from './config.js';
import { errorAt } from './config-file.js';
import type { TrainNotice, TrainResult, TrainTask } from './messages.js';
import { recordOf } from './record.js';
import type { TrainRun } from './run-file.js';
import { sourcesOf } from './sources.js';
import type { TrainOptions } from './train-options.js';
import { trainParty } from './train-party.js';

const TREES = { 'by-size': 'by-size', bt3: BT3, bt4: BT4 } as const;

/**
 * Reads and checks a config, without the files that it names.
 * @param path of the config
 * @returns the config and the places of its values
 * @throws FileError, TrainConfigError
 */
export async function readTrainConfig(path: string): Promise<Checked> {
  const file = await readWhole(path);
  const checked = parseTrainConfig(new TextDecoder().decode(file), path);
  try {
    checkConfig(checked.config.parties.length, protocolOf(checked));
  } catch (error) {
    throw errorAt(checked.places, ['protocol'], (error as Error).message);
  }
  return checked;
}

/** The settings of the protocols that a config asks for. */
export function protocolOf({ config }: Checked): ProtocolConfig {
  const { tree, ...settings } = config.protocol ?? {};
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  return { ...defaultConfig, ...given, ...(tree ? { tree: TREES[tree] } : {}) };
}

/** What `train` does. */
export async function runTraining(path: string, options: TrainOptions): Promise<TrainRun> {
  const { launch = {}, resume = false } = options;
  const checked = await readTrainConfig(path);
  const task: TrainTask = { ...checked, resume };
  return replayable(contentSite('train', [launch.transport, task]), async ({ earlier }) => {
    const startedAt = Date.now();
    const began = performance.now();
    requireFiles(task);
    const protocol = protocolOf(checked);
    const { transport = 'threads' } = launch;
    const results = await runLaunch(
      checkOptions({ ...launch, worldSize: task.config.parties.length, config: protocol }),
      {
        kind: 'export',
        moduleUrl: String(entryModule('train/train-party')),
        name: 'trainParty',
        argument: task,
        earlier,
      },
    );
    return recordOf((await Promise.all(results.map(decodeResult))) as TrainResult[], {
      release: release(),
      configFile: path,
      config: task.config,
      protocol,
      transport,
      startedAt,
      totalMs: performance.now() - began,
    });
  });
}

/** A training as one party of a session. */
export interface SessionTraining {
  readonly options: SessionOptions;
  readonly rank: number;
  /** Names of the members, the dealer last. */
  readonly names: readonly string[];
  readonly resume: boolean;
  readonly onNotice: (notice: TrainNotice) => void;
}

/**
 * Takes part in a training whose parties are on different machines; all have the same config.
 * @param path of the config
 * @param session who takes part, and which of them this is
 * @returns the record of the training as this party knows it
 * @throws what `train` and `joinSession` throw
 */
export async function trainInSession(path: string, session: SessionTraining): Promise<TrainRun> {
  const { options, rank, names, resume, onNotice } = session;
  const checked = await readTrainConfig(path);
  const { config } = checked;
  const parties = names.slice(0, -1);
  if (String(parties) !== String(config.parties))
    throw new LaunchOptionsError(
      `the parties of ${path} are ${config.parties.join(', ')}, and those of the session ${parties.join(', ')}: name them alike, in one order`,
    );
  if (config.protocol)
    throw new LaunchOptionsError(
      `the settings of the protocols are those of the session, which the dealer has, too: leave 'protocol' out of ${path}`,
    );
  const task: TrainTask = { ...checked, resume };
  const startedAt = Date.now();
  const began = performance.now();
  requireFiles(task, config.parties[rank]);
  const result = await joinSession(
    { ...options, rank, onNotice: (notice) => onNotice(notice as TrainNotice) },
    (party) => trainParty(party, task),
  );
  return recordOf(
    config.parties.map((_, other) => (other === rank ? result : undefined)),
    {
      release: release(),
      configFile: path,
      config,
      protocol: { ...defaultConfig, ...options.config },
      transport: 'session',
      startedAt,
      totalMs: performance.now() - began,
      rank,
    },
  );
}

/** Files are there, and those to come can be written, as far as this machine is to have them. */
function requireFiles(task: TrainTask, only?: string): void {
  const { config, resume } = task;
  for (const { source } of sourcesOf(task))
    if (only === undefined || source.owner === only) requireFile(source.file);
  if (!Array.isArray(config.model) && (only === undefined || config.model.owner === only))
    requireFile(config.model.onnx);
  requireTargets(task, only);
  if (resume && !config.checkpoint)
    throw new LaunchOptionsError("there is nothing to resume: the config has no 'checkpoint'");
}

const release = (): string =>
  (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version;
