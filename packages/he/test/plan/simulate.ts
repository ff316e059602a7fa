/** A plan on plain slots: what the ciphertexts would hold if there were no noise. */
import { evaluateActivation } from '../../src/network/normalize.js';
import { collect, spread } from '../../src/plan/layout.js';
import type { LatencyPlan, PlannedTransform } from '../../src/plan/plan.js';

const rotate = (x: Float64Array, step: number) => x.map((_, i) => x[(i + step) % x.length] as number);
const add = (a: Float64Array, b: Float64Array) => a.map((x, i) => x + (b[i] as number));

export function simulate(plan: LatencyPlan, input: ArrayLike<number>): Float64Array {
  const slots = plan.parameters.ringDegree / 2;
  let value = spread(input, plan.input, slots);
  for (const stage of plan.stages) {
    if (stage.kind === 'activation')
      value = value.map((x) => x.map((u) => evaluateActivation(stage.activation, u)));
    else value = transform(value, stage.transform).map((x, i) => add(x, stage.bias[i] as Float64Array));
  }
  return collect(value, plan.output, slots);
}

function transform(inputs: Float64Array[], plan: PlannedTransform): Float64Array[] {
  const fold = (x: Float64Array, steps: readonly number[]) =>
    steps.reduce((sum, s) => add(sum, rotate(sum, s)), x);
  const summed = inputs.map((x) => fold(x, plan.presums));
  const outputs = Array.from({ length: plan.outputs }, () => new Float64Array(inputs[0]?.length ?? 0));
  for (const { output, input, giant, baby, values } of plan.diagonals) {
    const x = rotate(summed[input] as Float64Array, plan.babySteps[baby] as number);
    const product = rotate(
      x.map((v, i) => v * (values[i] as number)),
      plan.giantSteps[giant] as number,
    );
    outputs[output] = add(outputs[output] as Float64Array, product);
  }
  return outputs.map((x) => fold(x, plan.folds));
}
