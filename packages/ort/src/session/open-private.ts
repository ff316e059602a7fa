/** From a stub to a session on the model that it stands for. */
import type { Connect, ConnectOptions, PrivateModel } from '../client.js';
import { StubError } from '../errors.js';
import type { Stub } from '../stub/read-stub.js';
import type { SessionCore } from './core.js';
import { checkMatch } from './match.js';
import { PrivateSession } from './private-session.js';

/** How private models are opened. */
export interface OpenOptions {
  /** Opens the model of an invite: `connect` of `@tacit/service/client`. */
  readonly connect: Connect;
  /** The invite for stubs that have none: the same for all, or by what a stub says. */
  readonly invite?: string | ((stub: Stub) => string | undefined | Promise<string | undefined>);
  /** Called with each model that was opened, to read its `info` and `stats`. */
  readonly onConnect?: (model: PrivateModel) => void;
}

/** What a program says of one session: in place of what the stub says, and to `connect`. */
export interface SessionOptions extends ConnectOptions {
  readonly invite?: string;
  /** Sizes of open axes by their names, as onnxruntime has them: the model is prepared for these. */
  readonly freeDimensionOverrides?: Readonly<Record<string, number>>;
}

/**
 * Connects to the model of a stub.
 * @param stub what a file says
 * @param open how
 * @param options of this session; its invite goes before the stub's, the stub's before the one for all
 * @returns a session, which owns the connection
 * @throws StubError (`STUB_MISSING`) where there is no invite, (`STUB_MODEL`) where the model has other inputs or outputs
 * than the stub; as `connect`
 */
export async function openPrivate(
  stub: Stub,
  { connect, invite: forAll, onConnect }: OpenOptions,
  options: SessionOptions = {},
): Promise<SessionCore> {
  const { invite: own, freeDimensionOverrides: sizes = {}, ...given } = options;
  const invite = own ?? stub.invite ?? (typeof forAll === 'function' ? await forAll(stub) : forAll);
  if (invite === undefined)
    throw new StubError(
      'STUB_MISSING',
      `there is no invite in the stub${stub.name === undefined ? '' : ` of ${JSON.stringify(stub.name)}`}, and the program gives none`,
    );
  const inputShapes = given.inputShapes ?? shapesFor(stub, sizes);
  const model = await connect(invite, { ...given, ...(inputShapes && { inputShapes }) });
  try {
    checkMatch(stub, model.info);
    onConnect?.(model);
  } catch (error) {
    await model.close();
    throw error;
  }
  return new PrivateSession(stub, model);
}

/** Shapes with all sizes known; undefined where the names of some are not, or nothing is said. */
function shapesFor(
  { inputs }: Stub,
  sizes: Readonly<Record<string, number>>,
): Readonly<Record<string, readonly number[]>> | undefined {
  if (Object.keys(sizes).length === 0) return undefined;
  const shapes = inputs.map(({ name, shape }) => [
    name,
    shape?.map((size) => (typeof size === 'number' ? size : (sizes[size] ?? 1))),
  ]);
  return shapes.every(([, shape]) => shape !== undefined) ? Object.fromEntries(shapes) : undefined;
}
