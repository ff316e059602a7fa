/**
 * Methods of tensors: how a user calls an operation. An operation's file exports `methods`, functions from the receiver
 * and the arguments to inputs and attributes; `Methods<T>` types them for a class of tensors.
 */
import type * as modules from '../operations/index.js';
import type { PlainTensor } from '../plain/plain-tensor.js';
import type { Attributes, OpName } from './registry.js';

declare const placeholder: unique symbol;
/** In the signature of a method: whatever the class of tensors takes as another operand. */
export interface Operand {
  readonly [placeholder]: true;
}

/** What methods may know of their receiver and of their operands. */
export interface Shaped {
  readonly shape: readonly number[];
}

/** Further inputs and the attributes of a call. */
export interface Invocation<A extends object> {
  /** The operation where the arguments decide it; by default that of the file. */
  readonly op?: OpName;
  readonly inputs?: readonly (Operand | PlainTensor)[];
  readonly attributes: A;
}

type Method<A extends object> = (x: Shaped, ...args: never[]) => Invocation<A>;
/** What `methods` of an operation's file must satisfy. */
export type MethodsOf<A extends object> = Readonly<Record<string, Method<A>>>;

type MethodTables = {
  [N in OpName]: (typeof modules)[N] extends { readonly methods: infer M } ? M : None;
}[OpName];
type None = Record<never, never>;
type Intersection<U> = (U extends unknown ? (x: U) => void : never) extends (x: infer I) => void ? I : never;
type Table = Intersection<MethodTables>;

type Substitute<A extends readonly unknown[], O> = {
  [I in keyof A]: Exclude<A[I], undefined> extends Operand ? O | Extract<A[I], undefined> : A[I];
};
type Bound<M, T, O> = M extends (x: Shaped, ...args: infer A) => Invocation<object>
  ? (...args: Substitute<A, O>) => T
  : never;

/** The methods of a class of tensors T that takes operands O. */
export type Methods<T, O> = { [K in keyof Table]: Bound<Table[K], T, O> };

export interface MethodEntry {
  readonly name: string;
  readonly op: OpName;
  readonly invoke: (x: Shaped, ...args: unknown[]) => Invocation<Attributes>;
}
