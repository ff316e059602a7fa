/**
 * The client's side: it holds the secret key, encrypts inputs and reads answers. Runs in Node.js and in browsers, and
 * needs no server to do so.
 */

import { unpackClientArtefact } from '../artefact/files.js';
import type { Boundary, ClientArtefact } from '../artefact/types.js';
import type { Ciphertext, CkksContext, SecretKey } from '../backend/library.js';
import { loadHeLibrary } from '../backend/node-seal.js';
import { Wire } from '../envelope/wire.js';
import { backendParameters } from '../plan/backend-parameters.js';
import type { StageRange } from '../plan/stage-range.js';
import { HeInputError, HeResultError } from './errors.js';
import { outputsOfSlots, slotsOfInputs } from './slots.js';

export interface HeClientOptions {
  /** Bytes of `saveSecretKey`. Default: a new key. */
  readonly secretKey?: Uint8Array;
}

/** What was encrypted, as it is sent: one envelope for every ciphertext. */
export type Envelopes = readonly Uint8Array[];

export class HeClient {
  readonly #context: CkksContext;
  readonly #secret: SecretKey;
  readonly #wire: Wire;

  private constructor(
    readonly artefact: ClientArtefact,
    context: CkksContext,
    secret: SecretKey,
  ) {
    this.#context = context;
    this.#secret = secret;
    this.#wire = new Wire(artefact.parameters, artefact.parametersId);
  }

  /**
   * @param artefact the client's half of a compiled model, or the bytes of its file
   * @param options a secret key that was saved
   * @returns a client with a secret key, which never leaves it unless it is saved
   * @throws HeArtefactError (HE_ARTEFACT); HeFormatError (HE_FORMAT) for a secret key that is none
   */
  static async create(
    artefact: ClientArtefact | Uint8Array,
    options: HeClientOptions = {},
  ): Promise<HeClient> {
    const read = artefact instanceof Uint8Array ? await unpackClientArtefact(artefact) : artefact;
    const library = await loadHeLibrary();
    const context = library.createContext(backendParameters(read.parameters));
    try {
      const secret =
        options.secretKey === undefined
          ? context.generateSecretKey()
          : context.loadSecretKey(options.secretKey);
      return new HeClient(read, context, secret);
    } catch (error) {
      context.dispose();
      throw error;
    }
  }

  /** The secret key, uncompressed and unencrypted: who has it reads everything. Keep it where keys are kept. */
  saveSecretKey(): Uint8Array {
    return this.#context.saveSecretKey(this.#secret);
  }

  /**
   * The evaluation keys that the server needs, in one envelope: a relinearisation key and one key for every rotation.
   * Tens of megabytes for a model in the latency mode; made once, uploaded once. Takes about 30 ms a rotation.
   */
  async evaluationKeys(): Promise<Uint8Array> {
    const relinearization = this.#context.generateRelinearizationKey(this.#secret);
    const { rotationSteps } = this.artefact;
    const galois =
      rotationSteps.length === 0 ? undefined : this.#context.generateGaloisKeys(this.#secret, rotationSteps);
    return this.#wire.sealKeys({ relinearization, galois });
  }

  /**
   * Encrypts an input: one image in the latency mode, up to `artefact.slots` images in the throughput mode.
   * @param inputs values row by row, in the input range of the model
   * @param stage the stage whose input this is, where the model allows layer ranges; default the first
   * @returns one envelope for each ciphertext that the stage takes
   * @throws HeInputError (HE_INPUT)
   */
  async encrypt(inputs: ArrayLike<number> | readonly ArrayLike<number>[], stage = 0): Promise<Uint8Array[]> {
    const list = isList(inputs) ? inputs : [inputs];
    const boundary = this.#boundary(stage);
    const envelopes: Uint8Array[] = [];
    for (const slots of slotsOfInputs(this.artefact, boundary, list)) {
      const bytes = this.#context.scope(() =>
        this.#context.encryptSeeded(this.#secret, this.#context.encode(slots, boundary.scale)),
      );
      envelopes.push(await this.#wire.sealCiphertext(bytes));
    }
    return envelopes;
  }

  /**
   * Decrypts an answer.
   * @param answer envelopes that the service returned
   * @param images how many inputs were in the batch; default 1
   * @param range the stages that were computed, where the model allows layer ranges; default all
   * @returns the outputs of every image
   * @throws HeFormatError, HeForeignError for bytes that are no answer under these parameters; HeResultError
   *   (HE_RESULT) when a value left its range. Do not tell the server which of these happened.
   */
  async decrypt(answer: Envelopes, images = 1, range?: StageRange): Promise<Float64Array[]> {
    const boundary =
      range === undefined ? (this.artefact.boundaries.at(-1) as Boundary) : this.#boundary(range.to + 1);
    const slots: Float64Array[] = [];
    for (const envelope of answer) {
      const bytes = await this.#wire.openCiphertext(envelope);
      slots.push(
        this.#context.scope(() => {
          const ciphertext = this.#context.loadCiphertext(bytes);
          checkAnswer(ciphertext, boundary);
          return this.#context.decode(this.#context.decrypt(this.#secret, ciphertext));
        }),
      );
    }
    return outputsOfSlots(this.artefact, boundary, slots, images);
  }

  /** Forgets the keys and frees their memory. */
  dispose(): void {
    this.#context.dispose();
  }

  /** Calls `dispose`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #boundary(index: number): Boundary {
    const { boundaries, stages } = this.artefact;
    if (index === 0) return boundaries[0] as Boundary;
    const boundary = stages.length > 0 ? boundaries[index] : undefined;
    if (boundary === undefined)
      throw new HeInputError(
        stages.length > 0
          ? `There is no boundary ${index}; the model has ${stages.length} stages.`
          : 'This model was compiled without layer ranges (--layer-ranges).',
      );
    return boundary;
  }
}

/** The scale is the server's word, and all values are divided by it: it must be the one that was agreed on. */
function checkAnswer({ size, primeCount, scale }: Ciphertext, boundary: Boundary): void {
  if (size !== 2 || primeCount < boundary.level || !(Math.abs(scale / boundary.scale - 1) < 1e-6))
    throw new HeResultError(
      `The answer has ${size} polynomials, ${primeCount} primes and scale ${scale}; it belongs to another place in ` +
        'the network, or is not the answer to what was asked.',
    );
}

function isList(
  inputs: ArrayLike<number> | readonly ArrayLike<number>[],
): inputs is readonly ArrayLike<number>[] {
  return inputs.length > 0 && typeof inputs[0] === 'object';
}
