/** The namespace `nn`: modules, and what turns a model file into them. */

export { fromOnnx } from '@tacit/launch';
export * from '@tacit/nn';
