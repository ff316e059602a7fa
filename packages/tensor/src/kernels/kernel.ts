/** The form of all kernels: values of any kind in, secrets (or what stays public or owned) out. */
import type { Attributes, ConcreteOpName } from '@tacit/graph';
import { FixedPoint, type ValueContext } from '../fixed-point/fixed-point.js';
import { type PrivateValue, secretOf } from '../private-value.js';

type Shapes = readonly (readonly number[])[];

export type PrivateKernel<N extends ConcreteOpName> = (
  context: ValueContext,
  inputs: readonly PrivateValue[],
  attributes: Attributes<N>,
  shapes: Shapes,
) => readonly PrivateValue[];

/** A kernel that takes secrets only: whatever else it gets is shared first, which is local. */
export const onSecrets =
  <N extends ConcreteOpName>(
    kernel: (
      inputs: readonly FixedPoint[],
      attributes: Attributes<N>,
      shapes: Shapes,
    ) => FixedPoint | readonly FixedPoint[],
  ): PrivateKernel<N> =>
  (context, inputs, attributes, shapes) => {
    const made = kernel(
      inputs.map((x) => secretOf(context, x)),
      attributes,
      shapes,
    );
    return made instanceof FixedPoint ? [made] : made;
  };
