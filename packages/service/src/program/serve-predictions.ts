/**
 * What a service computes in a session, in a thread of its own: tells its client the architecture, and answers its questions
 * until it leaves. The weights are masked once a session. They are not masked once for all sessions, although the client
 * would learn no more by that: a mask is drawn from the seeds of one session, and one that outlives it would have to be kept
 * by the dealer, whose memory would then be worth attacking for as long as the service runs. What is kept warm is everything
 * before the masks: the file, read, checked, folded and scaled.
 */
import type { Idle } from '@tacit/daemon/sessions';
import { foreignCode, TacitError } from '@tacit/errors';
import { architectureOf } from '@tacit/graph';
import type { LaunchedParty } from '@tacit/launch/session';
import { withWeightScales } from '@tacit/nn';
import { ModelFeedsError } from '../errors.js';
import { builtGraphs } from './built-graphs.js';
import { fromModel } from './graph-source.js';
import { Networks } from './networks.js';
import { CLIENT, type Offer, SERVICE, scopeOf, type Wish } from './offer.js';
import { type Loaded, readModel } from './read-model.js';
import { rehearseServing } from './rehearsal.js';

/** The second argument of the program, as JSON; the first is the path of the model. */
export interface ServeSettings {
  /** Shapes of inputs where the file leaves sizes open that have to be known. */
  readonly inputShapes?: Readonly<Record<string, readonly (number | string)[]>>;
  readonly atOnce: number;
  /** After how long without a question the session ends, in ms. */
  readonly idleMs: number;
}

/** What the program asks the process before each question, by `notify`. */
export interface RunNotice {
  readonly type: 'run';
  readonly run: number;
}
/** What the process answers. */
export type RunAnswer = { readonly run: number } & (
  | { readonly granted: true }
  | { readonly granted: false; readonly code: string; readonly reason: string }
);

let loaded: { readonly path: string; readonly model: Promise<Loaded> } | undefined;

/**
 * Reads the model before there is a client, and rehearses a session.
 * @param args as of the program
 * @param idle the kernels, and what ends the rehearsal: a client has come
 */
export async function warmUp(args: readonly string[], idle: Idle): Promise<void> {
  const [path = '', settings = '{}'] = args;
  const model = await load(path, JSON.parse(settings) as ServeSettings);
  if (idle.signal.aborted) return;
  await rehearseServing(model, (party) => servePredictions(party, args, {}), idle).catch(() => {}); // a session says what is wrong
}

function load(path: string, settings: ServeSettings): Promise<Loaded> {
  if (loaded?.path !== path) loaded = { path, model: readModel(path, settings) };
  return loaded.model;
}

interface Context {
  readonly onTold?: (listener: (data: unknown) => void) => void;
}

/**
 * The program of the thread.
 * @param party of the service
 * @param args path of the model, and `ServeSettings`
 * @param context of the session
 * @returns how many questions were answered
 */
export default async function servePredictions(
  party: LaunchedParty,
  [path = '', text = '{}']: readonly string[],
  { onTold }: Context,
): Promise<{ readonly answered: number }> {
  const settings = JSON.parse(text) as ServeSettings;
  const { idleMs, atOnce } = settings;
  const model = await load(path, settings);
  const { inputs, outputs, example = null } = model;
  const scaled = model.graph && withWeightScales(model.graph, party.context.precision);
  const architecture = scaled ? architectureOf(scaled) : null;
  await party.announce<Offer>({ architecture, example, inputs, outputs, atOnce }, { src: SERVICE });
  const networks = new Networks(party, scaled ? fromModel(scaled) : builtGraphs(party, model));
  const granted = permissions(party, onTold);
  const underway = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let run = 0;
  for (;;) {
    const wish = await party.announce<Wish>(undefined, { src: CLIENT, timeoutMs: idleMs }).catch((error) => {
      throw error?.code === 'PEER_TIMEOUT' ? new SessionIdleError(idleMs) : error;
    });
    if ('end' in wish) break;
    const shapes = checked('prepare' in wish ? wish.prepare : wish.run, inputs.length);
    const network = await orRefused(networks.prepared(shapes));
    if ('prepare' in wish || network === undefined) continue;
    await granted(run);
    while (underway.size >= atOnce) await Promise.race(underway);
    if (failure) throw failure.error;
    const answer = party.scope(
      scopeOf(run++),
      () => {
        const xs = shapes.map((shape) => party.cryptensor(undefined, { src: CLIENT, shape }));
        const ys = network.forwardAll(...xs);
        return Promise.all(ys.map((y) => y.revealFloat64({ to: CLIENT }))).then(() => {
          for (const tensor of [...xs, ...ys]) tensor.dispose();
        });
      },
      { last: true },
    );
    const settled = answer
      .catch((error) => {
        failure ??= { error };
      })
      .finally(() => underway.delete(settled));
    underway.add(settled);
  }
  await Promise.all(underway);
  if (failure) throw failure.error;
  return { answered: run };
}

/** The client has not asked anything for so long that its place goes to others. Code `SESSION_IDLE`. */
class SessionIdleError extends TacitError {
  constructor(ms: number) {
    super('SESSION_IDLE', `the client has asked nothing for ${Math.round(ms / 1000)} s`);
  }
}

/** The client has been told that there is no network for its shapes, and may ask with others. */
async function orRefused<T>(network: Promise<T>): Promise<T | undefined> {
  try {
    return await network;
  } catch (error) {
    if (error instanceof ModelFeedsError) return undefined;
    throw error;
  }
}

/** What the client says is untrusted. */
function checked(shapes: unknown, count: number): readonly (readonly number[])[] {
  const isShape = (shape: unknown): boolean =>
    Array.isArray(shape) &&
    shape.length <= 16 &&
    shape.every((size) => Number.isSafeInteger(size) && size >= 0) &&
    shape.reduce((product, size) => product * size, 1) <= MOST_ELEMENTS;
  if (Array.isArray(shapes) && shapes.length === count && shapes.every(isShape)) return shapes;
  throw new ModelFeedsError('the client wishes for inputs that cannot be');
}

/** Of one input. */
const MOST_ELEMENTS = 2 ** 28;

/** Asks the process whether another question may be answered, whose quotas are those of all sessions. */
function permissions(party: LaunchedParty, onTold: Context['onTold']): (run: number) => Promise<void> {
  const waiting = new Map<number, (answer: RunAnswer) => void>();
  onTold?.((data) => {
    const answer = data as RunAnswer;
    waiting.get(answer.run)?.(answer);
    waiting.delete(answer.run);
  });
  return async (run) => {
    if (onTold === undefined) return;
    const answer = await new Promise<RunAnswer>((resolve) => {
      waiting.set(run, resolve);
      party.notify({ type: 'run', run } satisfies RunNotice);
    });
    if (!answer.granted) throw new TacitError(foreignCode(answer.code), answer.reason);
  };
}
