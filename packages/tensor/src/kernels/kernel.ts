/** The form of all kernels: values of any kind in, secrets (or what stays public or owned) out. */
import type { Attributes, ConcreteOpName } from '@tacit/graph';
import type { Context } from '../context.js';
import type { FixedPoint } from '../fixed-point/fixed-point.js';
import { type PrivateValue, secretOf } from '../values.js';

type Shapes = readonly (readonly number[])[];

export type PrivateKernel<N extends ConcreteOpName> = (
  context: Context,
  inputs: readonly PrivateValue[],
  attributes: Attributes<N>,
  shapes: Shapes,
) => readonly PrivateValue[];

/** A kernel that takes secrets only: whatever else it gets is shared first, which is local. */
export const onSecrets =
  <N extends ConcreteOpName>(
    kernel: (inputs: readonly FixedPoint[], attributes: Attributes<N>, shapes: Shapes) => FixedPoint,
  ): PrivateKernel<N> =>
  (context, inputs, attributes, shapes) => [
    kernel(
      inputs.map((x) => secretOf(context, x)),
      attributes,
      shapes,
    ),
  ];
