/**
 * npx tsx --conditions=@tacit/source bench/transformers.mts [distilbert|gpt2] [--repeat K] [--mode owned|shared]
 * [--transport threads|ws] [--keep FILE.onnx]: a transformer of random weights, 64 private tokens, in private (two parties and a
 * dealer) and in ONNX Runtime. Nothing is downloaded.
 */
import { compare, readCommandLine } from './lib/private-run.mts';
import { TOKENS, type TransformerShape, transformer } from './lib/transformer.mts';

const MODELS: Record<string, TransformerShape> = {
  tiny: { layers: 2, width: 32, heads: 4, vocabulary: 100, causal: true, classes: 100 },
  distilbert: { layers: 6, width: 768, heads: 12, vocabulary: 30_522, causal: false, classes: 2 },
  gpt2: { layers: 12, width: 768, heads: 12, vocabulary: 50_257, causal: true, classes: 50_257 },
};

const { values: options, positionals } = readCommandLine();
const name = positionals[0] ?? 'distilbert';
const shape = MODELS[name];
if (!shape) throw new Error(`there is no model ${name}; there are ${Object.keys(MODELS).join(', ')}`);
const ids = BigInt64Array.from({ length: TOKENS }, (_, i) => BigInt((i * 7919 + 13) % shape.vocabulary));
const run = { name, model: () => transformer(shape), input: 'ids', shape: [1, TOKENS], values: ids };
process.exit((await compare(run, options)) ? 0 : 1);
