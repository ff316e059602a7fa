/** @packageDocumentation Neural network modules on secret-shared tensors. */
export * from './cost.js';
export * from './graph.js';
export * from './module.js';
export * from './modules/conv.js';
export * from './modules/linear.js';
export * from './parameter.js';
export * from './sequential.js';
export * from './weight-scales.js';
