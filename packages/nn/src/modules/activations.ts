/** Functions of each element as modules. */
import type { CrypTensor } from '@tacit/tensor';
import { Module } from '../module.js';

/** max(x, 0). */
export class ReLU extends Module {
  override forward(x: CrypTensor): CrypTensor {
    return x.relu();
  }
}

/** 1 / (1 + exp(-x)). */
export class Sigmoid extends Module {
  override forward(x: CrypTensor): CrypTensor {
    return x.sigmoid();
  }
}

/** The hyperbolic tangent. */
export class Tanh extends Module {
  override forward(x: CrypTensor): CrypTensor {
    return x.tanh();
  }
}
