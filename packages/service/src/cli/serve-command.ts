/** `tacit serve` */
import { basename, extname } from 'node:path';
import { hostPort, interruptible, note } from '@tacit/cli-kit';
import { type Given, handleSignals } from '@tacit/daemon';
import { listenSettings } from '@tacit/daemon/cli';
import { openOrganisation } from '@tacit/daemon/processes';
import { ModelClosedError, ServiceUsageError } from '../errors.js';
import type { ModelToServe } from '../server/served-model.js';
import { type Service, type ServiceOptions, startService } from '../server/service.js';
import { startTrial } from '../server/trial.js';
import { named, type ServeFlags, shapesOf } from './flags.js';

const DAY_MS = 86_400_000;

/**
 * Runs until a signal ends it.
 * @param file of the model
 * @param flags of the command line
 */
export async function serve(file: string | undefined, flags: ServeFlags): Promise<void> {
  const models = modelsOf(file, flags);
  const { sessions, atOnce, idle: idleMs, spares } = flags;
  const common = { models, sessions, atOnce, idleMs, spares };
  const service = await interruptible(
    (signal) =>
      flags.trial ? startForTrial(flags, { ...common, signal }) : startAsPeer(flags, { ...common, signal }),
    () => new ModelClosedError('the service was interrupted while it started'),
  );
  const { lifecycle } = service;
  handleSignals({
    lifecycle,
    onDrain: () => note(`takes no new clients; ${lifecycle.running} are served to their end`),
    close: () => service.close(),
  });
  for (const { name, inputs, outputs } of service.models) {
    const values = (list: typeof inputs): string =>
      list.map((value) => `${value.name} ${value.type}[${value.shape.join(', ')}]`).join('; ');
    process.stdout.write(`serve  ${name}  ${service.address}  ${values(inputs)} -> ${values(outputs)}\n`);
  }
  if (flags.trial)
    note('for trying out only: this process deals, too, and so could see everything that clients ask');
  if (flags.invite) {
    const [{ name = '' } = {}] = models;
    process.stdout.write(
      `${await service.invite({ model: name, label: 'tacit serve', expiresInMs: DAY_MS })}\n`,
    );
  }
}

function startForTrial(
  { listen, origin }: ServeFlags,
  options: Omit<ServiceOptions, 'organisation' | 'dealer'>,
): Promise<Service> {
  const at = listen === undefined ? undefined : hostPort(listen);
  if (listen !== undefined && !/^\d+$/.test(at?.port ?? ''))
    throw new ServiceUsageError(`--listen takes HOST:PORT, not '${listen}'`);
  return startTrial({
    ...options,
    ...(at && { listen: { port: Number(at.port), ...(at.host !== undefined && { host: at.host }) } }),
    ...(origin && { origins: origin }),
    logLevel: 'warn',
  });
}

async function startAsPeer(
  flags: ServeFlags,
  options: Omit<ServiceOptions, 'organisation' | 'dealer'>,
): Promise<Service> {
  const { dealer } = flags;
  if (dealer === undefined)
    throw new ServiceUsageError(
      'say who deals: --dealer NAME, a peer of this organisation; or --trial to try it out',
    );
  const organisation = await openOrganisation({
    home: flags.home,
    configFile: flags.config,
    flags: settingsOf(flags),
  });
  return startService({ ...options, organisation, dealer });
}

function settingsOf({ listen, address, origin }: ServeFlags): Given[] {
  const given: Given[] = listenSettings(listen, ['guests', 'listen']);
  if (address !== undefined) given.push({ path: ['guests', 'address'], source: '--address', value: address });
  if (origin !== undefined) given.push({ path: ['guests', 'origins'], source: '--origin', value: origin });
  return given;
}

function modelsOf(file: string | undefined, flags: ServeFlags): ModelToServe[] {
  const inputShapes = shapesOf(flags.inputShape);
  const models = (flags.model ?? []).map((text): ModelToServe => {
    const [name, path] = named(text, '--model');
    if (name === undefined) throw new ServiceUsageError(`--model takes NAME=FILE, not '${text}'`);
    return { name, file: path };
  });
  if (file !== undefined) models.unshift({ name: flags.name ?? basename(file, extname(file)), file });
  else if (flags.name !== undefined)
    throw new ServiceUsageError('--name is of a MODEL.onnx, and none is given');
  if (models.length === 0) throw new ServiceUsageError('give a MODEL.onnx, or --model NAME=FILE');
  if (inputShapes && models.length > 1)
    throw new ServiceUsageError('--input-shape is of one model; serve the others from another process');
  return models.map((model) => ({ ...model, ...(inputShapes && { inputShapes }) }));
}
