/** Training in double precision, written by hand: layers with their gradients, losses and optimisers, and no autograd. */

export type Numbers = Float64Array;
const zeros = (n: number): Numbers => new Float64Array(n);

/** Numbers that look random, from -1 to 1. */
export const noise = (n: number, seed: number, scale = 1): Numbers =>
  Float64Array.from({ length: n }, (_, i) => {
    const x = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return scale * (2 * (x - Math.floor(x)) - 1);
  });

/** A layer that keeps what it needs of the last forward pass. */
export interface PlainLayer {
  readonly parameters: readonly Numbers[];
  forward(x: Numbers, batch: number): Numbers;
  /** The gradients of parameters and input. */
  backward(dy: Numbers): { readonly dx: Numbers; readonly gradients: readonly Numbers[] };
}

export function dense(inputs: number, outputs: number, weight: Numbers, bias: Numbers): PlainLayer {
  let x = zeros(0);
  let batch = 0;
  return {
    parameters: [weight, bias],
    forward(input, n) {
      [x, batch] = [input, n];
      return Float64Array.from({ length: n * outputs }, (_, at) => {
        const [b, o] = [Math.floor(at / outputs), at % outputs];
        let sum = bias[o];
        for (let i = 0; i < inputs; i++) sum += x[b * inputs + i] * weight[o * inputs + i];
        return sum;
      });
    },
    backward(dy) {
      const [dx, dw, db] = [zeros(x.length), zeros(weight.length), zeros(outputs)];
      for (let b = 0; b < batch; b++)
        for (let o = 0; o < outputs; o++) {
          const d = dy[b * outputs + o];
          db[o] += d;
          for (let i = 0; i < inputs; i++) {
            dw[o * inputs + i] += d * x[b * inputs + i];
            dx[b * inputs + i] += d * weight[o * inputs + i];
          }
        }
      return { dx, gradients: [dw, db] };
    },
  };
}

/** One input channel, valid positions. */
export function convolution(
  size: number,
  kernel: number,
  channels: number,
  weight: Numbers,
  bias: Numbers,
): PlainLayer {
  const out = size - kernel + 1;
  let x = zeros(0);
  let batch = 0;
  /** Calls f with places of output, input and weight. */
  const each = (f: (y: number, x: number, w: number, channel: number) => void): void => {
    for (let b = 0; b < batch; b++)
      for (let c = 0; c < channels; c++)
        for (let place = 0; place < out * out; place++)
          for (let k = 0; k < kernel * kernel; k++) {
            const row = Math.floor(place / out) + Math.floor(k / kernel);
            const column = (place % out) + (k % kernel);
            f(
              (b * channels + c) * out * out + place,
              b * size * size + row * size + column,
              c * kernel * kernel + k,
              c,
            );
          }
  };
  return {
    parameters: [weight, bias],
    forward(input, n) {
      [x, batch] = [input, n];
      const y = Float64Array.from(
        { length: n * channels * out * out },
        (_, i) => bias[Math.floor(i / (out * out)) % channels],
      );
      each((to, from, w) => {
        y[to] += x[from] * weight[w];
      });
      return y;
    },
    backward(dy) {
      const [dx, dw, db] = [zeros(x.length), zeros(weight.length), zeros(channels)];
      each((to, from, w) => {
        dw[w] += dy[to] * x[from];
        dx[from] += dy[to] * weight[w];
      });
      dy.forEach((d, i) => {
        db[Math.floor(i / (out * out)) % channels] += d;
      });
      return { dx, gradients: [dw, db] };
    },
  };
}

export function rectifier(): PlainLayer {
  let x = zeros(0);
  return {
    parameters: [],
    forward(input) {
      x = input;
      return x.map((v) => Math.max(v, 0));
    },
    backward: (dy) => ({ dx: dy.map((d, i) => (x[i] > 0 ? d : 0)), gradients: [] }),
  };
}

/** The gradient of a mean loss with respect to the predictions [batch, columns]. */
export type PlainLoss = (y: Numbers, t: Numbers, batch: number) => { loss: number; gradient: Numbers };

export const meanSquare: PlainLoss = (y, t) => ({
  loss: y.reduce((sum, v, i) => sum + (v - t[i]) ** 2, 0) / y.length,
  gradient: y.map((v, i) => (2 * (v - t[i])) / y.length),
});

export const logistic: PlainLoss = (y, t) => ({
  loss: y.reduce((sum, v, i) => sum + Math.log1p(Math.exp(v)) - v * t[i], 0) / y.length,
  gradient: y.map((v, i) => (1 / (1 + Math.exp(-v)) - t[i]) / y.length),
});

export const classes: PlainLoss = (y, t, batch) => {
  const columns = y.length / batch;
  const gradient = zeros(y.length);
  let loss = 0;
  for (let b = 0; b < batch; b++) {
    const row = y.subarray(b * columns, (b + 1) * columns);
    const total = row.reduce((sum, v) => sum + Math.exp(v), 0);
    row.forEach((v, c) => {
      const right = t[b * columns + c];
      loss -= (right * (v - Math.log(total))) / batch;
      gradient[b * columns + c] = (Math.exp(v) / total - right) / batch;
    });
  }
  return { loss, gradient };
};

/** Moves a parameter in place; called once a step and parameter, in order. */
export type PlainOptimizer = (w: Numbers, gradient: Numbers, place: number) => void;

export interface PlainSGD {
  readonly lr: number;
  readonly momentum?: number;
  readonly dampening?: number;
  readonly weightDecay?: number;
  readonly nesterov?: boolean;
}

export function plainSGD({
  lr,
  momentum = 0,
  dampening = 0,
  weightDecay = 0,
  nesterov = false,
}: PlainSGD): PlainOptimizer {
  const kept: Numbers[] = [];
  return (w, gradient, place) => {
    const g = gradient.map((v, i) => v + weightDecay * w[i]);
    const before = kept[place];
    kept[place] = before ? before.map((v, i) => momentum * v + (1 - dampening) * g[i]) : g.slice();
    const v = momentum === 0 ? g : nesterov ? g.map((d, i) => d + momentum * kept[place][i]) : kept[place];
    v.forEach((d, i) => {
      w[i] -= lr * d;
    });
  };
}

export interface PlainAdam {
  readonly lr: number;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly weightDecay?: number;
}

export function plainAdam({
  lr,
  betas = [0.9, 0.999],
  eps = 1e-8,
  weightDecay = 0,
}: PlainAdam): PlainOptimizer {
  const kept: { m: Numbers; v: Numbers; t: number }[] = [];
  return (w, gradient, place) => {
    kept[place] ??= { m: zeros(w.length), v: zeros(w.length), t: 0 };
    const state = kept[place];
    state.t++;
    gradient.forEach((d, i) => {
      const g = d + weightDecay * w[i];
      state.m[i] = betas[0] * state.m[i] + (1 - betas[0]) * g;
      state.v[i] = betas[1] * state.v[i] + (1 - betas[1]) * g * g;
      const m = state.m[i] / (1 - betas[0] ** state.t);
      const v = state.v[i] / (1 - betas[1] ** state.t);
      w[i] -= (lr * m) / (Math.sqrt(v) + eps);
    });
  };
}

/** One step of a chain of layers; gives the loss before it. */
export function plainStep(
  layers: readonly PlainLayer[],
  { x, t, batch }: { readonly x: Numbers; readonly t: Numbers; readonly batch: number },
  loss: PlainLoss,
  optimizer: PlainOptimizer,
): number {
  let y = x;
  for (const layer of layers) y = layer.forward(y, batch);
  const made = loss(y, t, batch);
  let dy = made.gradient;
  const gradients: (readonly Numbers[])[] = [];
  for (const layer of [...layers].reverse()) {
    const back = layer.backward(dy);
    dy = back.dx;
    gradients.unshift(back.gradients);
  }
  let place = 0;
  layers.forEach((layer, i) => {
    layer.parameters.forEach((w, j) => {
      optimizer(w, gradients[i][j], place++);
    });
  });
  return made.loss;
}
