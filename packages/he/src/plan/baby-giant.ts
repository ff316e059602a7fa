/**
 * Baby-step giant-step: rotations r = g + b with few different g and b. Babies rotate the input and share one digit
 * decomposition (hoisting), so they are cheaper than giants, which rotate the sums.
 */
export interface StepCosts {
  /** One more hoisted rotation of the inputs. */
  readonly baby: number;
  /** One rotation of the sums. */
  readonly giant: number;
}

export interface BabyGiant {
  readonly babySteps: readonly number[];
  readonly giantSteps: readonly number[];
  /** Baby and giant of every rotation, in their order. */
  readonly pairs: readonly { readonly baby: number; readonly giant: number }[];
  readonly cost: number;
}

/** Above this many trials only some divisors are tried. */
const TRIALS = 4e6;

/**
 * The cheapest split by division with remainder: b = (r + offset) mod divisor, g = r - b, over the divisors and two
 * offsets (a window with padding wraps round the end of the period; an offset keeps it together).
 * @param rotations distinct, in [0, period)
 */
export function splitRotations(rotations: readonly number[], period: number, costs: StepCosts): BabyGiant {
  const stamps = { baby: new Int32Array(period), giant: new Int32Array(period) };
  let stamp = 0;
  let best: Split = { divisor: period, offset: 0 };
  let lowest = Number.POSITIVE_INFINITY;
  const all = rotations.length * period <= TRIALS;
  for (const offset of new Set([0, offsetOfWindow(rotations, period)]))
    for (let divisor = 1; divisor <= period; divisor++) {
      if (!all && (divisor & (divisor - 1)) !== 0) continue;
      stamp++;
      let cost = 0;
      for (const rotation of rotations) {
        // As `split` does; written out, for this is the innermost loop of the search.
        const baby = ((rotation + offset) % period) % divisor;
        const giant = (rotation - baby + period) % period;
        if (stamps.baby[baby] !== stamp) {
          stamps.baby[baby] = stamp;
          if (baby !== 0) cost += costs.baby;
        }
        if (stamps.giant[giant] !== stamp) {
          stamps.giant[giant] = stamp;
          if (giant !== 0) cost += costs.giant;
        }
        if (cost >= lowest) break;
      }
      if (cost < lowest) {
        lowest = cost;
        best = { divisor, offset };
      }
    }
  const pairs = rotations.map((rotation) => split(rotation, period, best));
  const sorted = (steps: number[]) => [...new Set(steps)].sort((a, b) => a - b);
  return {
    babySteps: sorted(pairs.map(({ baby }) => baby)),
    giantSteps: sorted(pairs.map(({ giant }) => giant)),
    pairs,
    cost: lowest,
  };
}

interface Split {
  readonly divisor: number;
  readonly offset: number;
}

function split(
  rotation: number,
  period: number,
  { divisor, offset }: Split,
): { baby: number; giant: number } {
  const baby = ((rotation + offset) % period) % divisor;
  return { baby, giant: (rotation - baby + period) % period };
}

/** Shift that moves the widest stretch without rotations to the end of the period. */
function offsetOfWindow(rotations: readonly number[], period: number): number {
  let widest = 0;
  let start = 0;
  rotations.forEach((rotation, i) => {
    const next = rotations[i + 1] ?? (rotations[0] ?? 0) + period;
    if (next - rotation > widest) {
      widest = next - rotation;
      start = next % period;
    }
  });
  return (period - start) % period;
}
