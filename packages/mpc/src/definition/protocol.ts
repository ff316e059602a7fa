/**
 * A protocol that uses correlated randomness, defined once. From its definition follow what a party issues, what the
 * dealer checks and deals, what an operation costs without being run, and the tests of all three.
 */
import { sizeOf, type Words } from '@tacit/ring';
import type { Layout, Opening } from '../runtime/layout.js';
import type { PartyOp } from '../runtime/party-op.js';
import type { OperationSpec, OutputMemory, Session } from '../runtime/session.js';
import type { Masked, Share } from '../runtime/share.js';
import type { DealerOp } from './dealer-op.js';
import type { RequestFields } from './request-fields.js';

/** The random fields of an operation, and whatever else follows from its parameters. */
export interface ProtocolFields {
  readonly layout: Layout;
}

/** What the party half gets. */
export interface PartyCall<P, F, A> {
  /** This party's shares of the inputs, then its factors of masked inputs; of a chunk, if the protocol is elementwise. */
  readonly inputs: Words[];
  /** Where the result goes. */
  readonly out: Words;
  /** Where further results go that the caller asked for, by name; zeros before. */
  readonly extra: Readonly<Record<string, Words>>;
  readonly parameters: P;
  readonly fields: F;
  /** What only the parties know. */
  readonly argument: A;
}

/** Small tensors for examples. */
export interface ExampleOperands {
  /** A share of small numbers: |x| < 2^5. The number of elements is a multiple of 4. */
  readonly x: Share;
  /** As x. */
  readonly y: Share;
  /** A truncation that suits them. */
  readonly drop: { readonly f: number; readonly l: number };
}

/** A typical call: tests measure its cost, look at what it opens, and spoil its request to the dealer. */
export type ProtocolExample = (session: Session, operands: ExampleOperands) => Share;

/**
 * @typeParam P parameters: plain JSON, the same at all parties, known to the dealer
 * @typeParam F random fields
 * @typeParam A what the parties know beside the parameters and the dealer does not need, such as coefficients
 */
export interface ProtocolDefinition<P extends object, F extends ProtocolFields, A = void> {
  /** Names the protocol in requests, transcripts and messages. */
  readonly kind: string;
  /** Whether elements are independent: then it runs in chunks. */
  readonly elementwise: boolean;
  /** What the body of a protocol that is not elementwise gets as memory. Default 'zeroed'. */
  readonly output?: OutputMemory;
  /** Reads and checks the parameters of a request. @throws DealerRequestError */
  parameters(request: RequestFields): P;
  /** The random fields, for parties and dealer alike. */
  fields(parameters: P, parties: number): F;
  /** Dependent openings, or messages on the longest chain. */
  rounds(parameters: P, fields: F, parties: number): number;
  /** All openings: what a party sends to each other one. */
  opens?(parameters: P, fields: F): readonly Opening[];
  /** In place of `opens`, where messages go one way: the payload bytes that a party sends for n elements. */
  sends?(party: { readonly rank: number; readonly parties: number; readonly n: number }): number;
  /** A party's part: masks, opens, combines. */
  party(op: PartyOp, call: PartyCall<P, F, A>): Promise<void> | void;
  /** The dealer's part: computes the dealt fields of a chunk from the free ones. */
  dealer(op: DealerOp, parameters: P, fields: F): void;
  /** By what they are called in docs/protocols.md. */
  readonly examples: Readonly<Record<string, ProtocolExample>>;
}

/** What is computed. */
export interface ProtocolCall<P> {
  readonly inputs?: readonly Share[];
  /** Inputs that are needed under a mask. */
  readonly masked?: readonly Masked[];
  /** Of the result. */
  readonly shape: readonly number[];
  /** Elements that the protocol works on. Default: those of the result. */
  readonly n?: number;
  readonly parameters: P;
}

export class Protocol<P extends object, F extends ProtocolFields, A> {
  constructor(readonly definition: ProtocolDefinition<P, F, A>) {}

  /**
   * Issues the protocol.
   * @returns a handle to its result, at once
   */
  run(session: Session, call: ProtocolCall<P>, argument: A): Share {
    return this.#issue(session, call, argument, () => ({}));
  }

  /** Issues the protocol for one secret and a result of its shape. */
  runOn(session: Session, x: Share, parameters: P, argument: A): Share {
    return this.run(session, { inputs: [x], shape: x.shape, parameters }, argument);
  }

  /**
   * Issues the protocol for its result and further ones of the same shape. They cost no round, no byte and no
   * randomness more, and who does not ask does not pay.
   * @param names of the further results
   * @returns the result, and the further ones in the order of their names
   */
  runWith<const N extends readonly string[]>(
    session: Session,
    names: N,
    call: ProtocolCall<P>,
    argument: A,
  ): { readonly result: Share; readonly extra: { readonly [K in keyof N]: Share } } {
    const { shape } = call;
    const n = sizeOf(shape);
    const memories = new Map<string, Words>();
    const wordsOf = (name: string) => {
      const known = memories.get(name);
      if (known) return known;
      const words = session.pool.take(n);
      session.ring.fill(words, 0n);
      memories.set(name, words);
      return words;
    };
    const result = this.#issue(session, call, argument, (op) =>
      Object.fromEntries(
        names.map((name) => [name, wordsOf(name).subarray(op.chunk.start, op.chunk.start + op.n)]),
      ),
    );
    const further = (name: string) => {
      const descriptor = { kind: `${this.definition.kind}/${name}`, n, shape };
      const output = () => wordsOf(name);
      return session.issue({ descriptor, inputs: [result], shape, rounds: 0, output }, () => {});
    };
    return { result, extra: names.map(further) as { readonly [K in keyof N]: Share } };
  }

  #issue(
    session: Session,
    { inputs = [], masked, shape, n = sizeOf(shape), parameters }: ProtocolCall<P>,
    argument: A,
    extraOf: (op: PartyOp) => Record<string, Words>,
  ): Share {
    const { definition } = this;
    const { parties } = session;
    const fields = definition.fields(parameters, parties);
    const { sends } = definition;
    const spec: OperationSpec = {
      descriptor: { kind: definition.kind, n, shape, ...parameters },
      inputs,
      masked,
      shape,
      rounds: definition.rounds(parameters, fields, parties),
      opens: definition.opens?.(parameters, fields),
      sends: sends && ((rank) => sends({ rank, parties, n })),
      layout: fields.layout,
      output: definition.output,
    };
    const body = (op: PartyOp, words: Words[], out: Words) =>
      definition.party(op, { inputs: words, out, extra: extraOf(op), parameters, fields, argument });
    return definition.elementwise ? session.issueElementwise(spec, body) : session.issue(spec, body);
  }
}

/**
 * Defines a protocol.
 * @returns what the parties run, and what the list of protocols takes
 */
export const defineProtocol = <P extends object, F extends ProtocolFields, A = void>(
  definition: ProtocolDefinition<P, F, A>,
): Protocol<P, F, A> => new Protocol(definition);

/** The dealer's side of any protocol, with its parameters and fields bound. */
export interface DealerHalf {
  readonly layout: Layout;
  readonly elementwise: boolean;
  deal(op: DealerOp): void;
}

/** A protocol of whatever parameters: what lists of them hold. */
export interface AnyProtocol {
  readonly kind: string;
  readonly examples: Readonly<Record<string, ProtocolExample>>;
  /** Reads a request. @throws DealerRequestError */
  read(request: RequestFields): DealerHalf;
}

/** Forgets the types of parameters and fields. */
export const anyProtocol = <P extends object, F extends ProtocolFields, A>({
  definition,
}: Protocol<P, F, A>): AnyProtocol => ({
  kind: definition.kind,
  examples: definition.examples,
  read(request) {
    const parameters = definition.parameters(request);
    const fields = definition.fields(parameters, request.parties);
    return {
      layout: fields.layout,
      elementwise: definition.elementwise,
      deal: (op) => definition.dealer(op, parameters, fields),
    };
  },
});
