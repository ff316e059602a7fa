/**
 * The engine over additive shares mod 2^64 between 2 to 64 parties, with correlated randomness from a dealer: the
 * protocols of `protocols/`, bound to one session. Every party but the last expands its randomness from a seed.
 *
 * Rounds, bytes, domain and error of an operation are in the head of its protocol's file.
 */
import type { CommStats } from '@tacit/comm';
import type { Ring, Words } from '@tacit/ring';
import type { Distribution } from '../../distributions.js';
import type {
  Engine,
  Extreme,
  InverseRootOptions,
  MaxPoolWindow,
  OctaveFunction,
  Octaves,
  QuotientOptions,
  RevealOptions,
  SortOptions,
  WindowGeometry,
} from '../../engine.js';
import { argExtremeOfFirstAxis } from '../../protocols/arg-max.js';
import { clip } from '../../protocols/clip.js';
import { exponential } from '../../protocols/exponential.js';
import { shareInput, sharePublic } from '../../protocols/input.js';
import { isZero } from '../../protocols/is-zero.js';
import { linearMasked } from '../../protocols/linear.js';
import * as local from '../../protocols/local-maps.js';
import { maskOnce, viewMasked } from '../../protocols/mask.js';
import { extremeOfFirstAxis } from '../../protocols/max.js';
import { maxPool2d } from '../../protocols/max-pool.js';
import { multiplyMasked } from '../../protocols/multiply.js';
import { nonNegative } from '../../protocols/non-negative.js';
import { inverseRoot, octaveFunction, quotient } from '../../protocols/octaves.js';
import { oneHot } from '../../protocols/one-hot.js';
import { ownedLinear } from '../../protocols/owned-linear.js';
import { maskToward, Owned, type OwnedWords } from '../../protocols/owned-operand.js';
import { productBits } from '../../protocols/product-form.js';
import { random } from '../../protocols/random.js';
import { relu, reluAndBit } from '../../protocols/relu.js';
import { reveal, revealRounded, roundsOnTheWay } from '../../protocols/reveal.js';
import { shuffle } from '../../protocols/shuffle.js';
import { sigmoid } from '../../protocols/sigmoid.js';
import { signum } from '../../protocols/signum.js';
import { sine } from '../../protocols/sine.js';
import { sort } from '../../protocols/sort.js';
import { piecewise } from '../../protocols/spline.js';
import { splineFunction } from '../../protocols/spline-function.js';
import { squareMasked } from '../../protocols/square.js';
import { keptShares, sharesToKeep } from '../../protocols/stored-shares.js';
import { tanh } from '../../protocols/tanh.js';
import { truncate, truncateOnce } from '../../protocols/truncate.js';
import { truncateExact } from '../../protocols/truncate-exact.js';
import type { Bilinear } from '../../runtime/bilinear.js';
import type { ProtocolConfig } from '../../runtime/config.js';
import type { StridedView } from '../../runtime/mask-ref.js';
import type { Session } from '../../runtime/session.js';
import type { Masked, Share } from '../../runtime/share.js';
import type { Piecewise, SplineTable } from '../../spline/table.js';
import type { Truncation } from '../../truncation/parameters.js';
import type { Binary } from '../binary-secret.js';
import { AdditiveBits } from './bits.js';
import * as maps from './linear-maps.js';

export class AdditiveEngine<S extends Session = Session>
  extends AdditiveBits<S>
  implements Engine<Share, Masked, Binary<Share>>
{
  readonly name = 'additive';
  readonly rank: number;
  readonly parties: number;
  readonly ring: Ring;
  readonly config: ProtocolConfig;
  readonly productExtraBits: number;

  /** @param session that the protocols run in */
  constructor(session: S) {
    super(session);
    this.rank = session.rank;
    this.parties = session.parties;
    this.ring = session.ring;
    this.config = session.config;
    this.productExtraBits = productBits(session.parties);
  }

  get stats(): CommStats {
    return this.session.stats;
  }

  get issued(): number {
    return this.session.issued;
  }

  scope<T>(name: string, build: () => T, options?: { readonly last?: boolean }): T {
    return this.session.scope(name, build, options);
  }

  endScope(name: string): void {
    this.session.endScope(name);
  }

  announce(
    owner: number,
    bytes: Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>> | undefined,
    timeoutMs?: number,
  ): Promise<Uint8Array> {
    return this.session.announce(owner, bytes, timeoutMs);
  }

  finish(): Promise<void> {
    return this.session.finish();
  }

  input(
    owner: number,
    shape: readonly number[],
    words: Words | Promise<Words> | undefined,
    scale?: number,
  ): Share {
    return shareInput(this.session, owner, shape, words, scale);
  }

  fromPublic(words: Words, shape: readonly number[]): Share {
    return sharePublic(this.session, shape, words);
  }

  reveal(x: Share, { to, scale, drop = 0 }: RevealOptions = {}): Promise<Words | undefined> {
    if (drop === 0) return reveal(this.session, x, to, scale);
    if (roundsOnTheWay(this.session, to)) return revealRounded(this.session, x, to, drop, scale);
    const truncated = truncateOnce(this.session, x, drop);
    const told = reveal(this.session, truncated, to, scale);
    truncated.dispose();
    return told;
  }

  random(shape: readonly number[], distribution: Distribution): Share {
    return random(this.session, shape, distribution);
  }

  sharesToKeep(x: Share): Promise<Words> {
    return sharesToKeep(this.session, x);
  }

  keptShares(shape: readonly number[], words: Words | Promise<Words>, origin: string): Share {
    return keptShares(this.session, shape, words, origin);
  }

  roundsOnReveal(to: number | undefined): boolean {
    return roundsOnTheWay(this.session, to);
  }

  add(x: Share, y: Share): Share {
    return local.add(this.session, x, y);
  }

  sub(x: Share, y: Share): Share {
    return local.sub(this.session, x, y);
  }

  neg(x: Share): Share {
    return local.neg(this.session, x);
  }

  mulScalar(x: Share, s: bigint): Share {
    return local.mulScalar(this.session, x, s);
  }

  addScalar(x: Share, s: bigint): Share {
    return local.addScalar(this.session, x, s);
  }

  addPublic(x: Share, y: Words, identity?: string): Share {
    return local.addPublic(this.session, x, y, identity);
  }

  mulPublic(x: Share, y: Words, identity?: string): Share {
    return local.mulPublic(this.session, x, y, identity);
  }

  addPrivate(x: Share, owner: number, y: Words | Promise<Words> | undefined): Share {
    return local.addOwned(this.session, x, owner, y);
  }

  view(x: Share, view: StridedView): Share {
    return local.gather(this.session, x, view);
  }

  concat(parts: readonly Share[], axis: number): Share {
    return maps.concat(this.session, parts, axis);
  }

  take(x: Share, axis: number, positions: readonly number[]): Share {
    return maps.take(this.session, x, axis, positions);
  }

  pad(x: Share, pads: readonly number[], word: bigint): Share {
    return maps.pad(this.session, x, pads, word);
  }

  sumAxes(x: Share, axes: readonly number[], keepDims: boolean): Share {
    return maps.sumAxes(this.session, x, axes, keepDims);
  }

  windowSum(x: Share, geometry: WindowGeometry): Share {
    return maps.windowSum(this.session, x, geometry);
  }

  applyPublic(f: Bilinear, x: Share, y: Words, shape: readonly number[]): Share {
    return maps.applyPublic(this.session, f, x, y, shape);
  }

  prepare(x: Share): Masked {
    return maskOnce(this.session, x);
  }

  prepareToward(x: Share, owner: number): Masked {
    return maskToward(this.session, x, owner);
  }

  privateOperand(
    owner: number,
    shape: readonly number[],
    words: OwnedWords | undefined,
    scale?: number,
  ): Masked {
    return new Owned(this.session, owner, shape, words, scale).opened;
  }

  viewPrepared(x: Masked, view: StridedView): Masked {
    return viewMasked(this.session, x, view);
  }

  bilinear(f: Bilinear, x: Masked, y: Masked, shape: readonly number[], bits?: number): Share {
    return this.#truncated(bits, (t) => linearMasked(this.session, f, x, y, shape, t));
  }

  multiply(x: Masked, y: Masked, bits?: number): Share {
    return this.#truncated(bits, (t) => multiplyMasked(this.session, x, y, t));
  }

  square(x: Masked, bits?: number): Share {
    return this.#truncated(bits, (t) => squareMasked(this.session, x, t));
  }

  bilinearPrivate(
    f: Bilinear,
    x: Masked,
    w: Masked,
    weightsRight: boolean,
    shape: readonly number[],
    bits?: number,
  ): Share {
    return this.#truncated(bits, (t) => ownedLinear(this.session, f, x, w, weightsRight, shape, t));
  }

  /** A product less some bits: in its own round, unless the truncation is to be exact. */
  #truncated(bits: number | undefined, issue: (truncation?: Truncation) => Share): Share {
    const { truncation, window } = this.config;
    if (bits === undefined) return issue();
    if (truncation === 'probabilistic') return issue({ f: bits, l: window });
    const raw = issue();
    const result = truncate(this.session, raw, bits);
    raw.dispose();
    return result;
  }

  truncate(x: Share, bits: number): Share {
    return truncateOnce(this.session, x, bits);
  }

  floor(x: Share, bits: number): Share {
    return truncateExact(this.session, x, bits);
  }

  relu(
    x: Share,
    { drop = 0, bit = false }: { readonly drop?: number; readonly bit?: boolean } = {},
  ): { readonly y: Share; readonly bit?: Share } {
    return bit
      ? reluAndBit(this.session, x, { truncate: drop })
      : { y: relu(this.session, x, { truncate: drop }) };
  }

  nonNegative(x: Share): Share {
    return nonNegative(this.session, x);
  }

  isZero(x: Share): Share {
    return isZero(this.session, x);
  }

  signum(x: Share): Share {
    return signum(this.session, x);
  }

  clip(
    x: Share,
    { low, high, drop = 0 }: { readonly low?: bigint; readonly high?: bigint; readonly drop?: number },
  ): Share {
    if (drop === 0 || this.config.truncation === 'probabilistic')
      return clip(this.session, x, { low, high, drop });
    const floor = truncateOnce(this.session, x, drop);
    const result = clip(this.session, floor, { low, high });
    floor.dispose();
    return result;
  }

  piecewise(x: Share, f: Piecewise): Share {
    return piecewise(this.session, x, f);
  }

  octaveFunction(kind: OctaveFunction, x: Share, scale: number, octaves?: Octaves): Share {
    return octaveFunction(this.session, kind, x, scale, octaves);
  }

  inverseRoot(x: Share, scale: number, options: InverseRootOptions): { value: Share; finer: Share } {
    return inverseRoot(this.session, x, scale, options);
  }

  quotient(x: Share, y: Share, options?: QuotientOptions): Share {
    return quotient(this.session, x, y, options);
  }

  tabulated(x: Share, scale: number, table: SplineTable): Share {
    return splineFunction(this.session, x, scale, table);
  }

  sigmoid(x: Share, scale: number): Share {
    return sigmoid(this.session, x, scale);
  }

  tanh(x: Share, scale: number): Share {
    return tanh(this.session, x, scale);
  }

  exp(x: Share, scale: number): Share {
    return exponential(this.session, x, scale);
  }

  sine(kind: 'sin' | 'cos', x: Share, scale: number): Share {
    return sine(this.session, kind, x, scale);
  }

  extreme(kind: Extreme, x: Share): Share {
    return extremeOfFirstAxis(this.session, kind, x);
  }

  argExtreme(
    kind: Extreme,
    x: Share,
    options?: { readonly value?: boolean },
  ): { readonly index: Share; readonly value?: Share } {
    return argExtremeOfFirstAxis(this.session, kind, x, options);
  }

  oneHot(x: Share, depth: number): Share {
    return oneHot(this.session, x, depth);
  }

  maxPool2d(x: Share, window: MaxPoolWindow): Share {
    return maxPool2d(this.session, x, window);
  }

  shuffle(x: Share): Share {
    return shuffle(this.session, x);
  }

  sort(x: Share, options?: SortOptions): { readonly values: Share; readonly indices: Share } {
    return sort(this.session, x, options);
  }
}
