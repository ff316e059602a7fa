/** Two small models as transformers.js loads them: folders with a configuration, a processor or a tokenizer, and an ONNX file. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicConfig, stubOf } from '../../src/index.js';
import { ints, modelOf, node, numbers, tensor } from './models.js';

export const COLOURS = 'tacit:1:colours';
export const MOODS = 'tacit:1:moods';

const SIDE = 16;
const LABELS = ['red', 'green', 'blue', 'dark'];

/** A convolution, ReLU, the mean, and a layer: which colour an image has most of. */
export const colours = (): Uint8Array => {
  const kernel = numbers(4 * 3 * 9, 0.05);
  // Channel c of the result follows channel c of the image, the fourth one what is dark.
  for (let c = 0; c < 3; c++) kernel[(c * 3 + c) * 9 + 4] += 2;
  for (let c = 0; c < 3; c++) kernel[(3 * 3 + c) * 9 + 4] -= 0.5;
  const layer = numbers(16, 0.3, 7);
  for (let c = 0; c < 4; c++) layer[c * 5] += 3;
  return modelOf({
    inputs: [{ name: 'pixel_values', type: 'float', shape: ['batch', 3, SIDE, SIDE] }],
    outputs: [{ name: 'logits', type: 'float', shape: ['batch', LABELS.length] }],
    constants: {
      k: { shape: [4, 3, 3, 3], data: kernel },
      kb: tensor([4], 0.1),
      w: { shape: [4, 4], data: layer },
      b: tensor([4], 0.1, 3),
    },
    nodes: [
      node('Conv', ['pixel_values', 'k', 'kb'], 'c', {
        kernel_shape: { ints: [3, 3] },
        pads: { ints: [1, 1, 1, 1] },
        strides: { ints: [2, 2] },
      }),
      node('Relu', ['c'], 'r'),
      node('GlobalAveragePool', ['r'], 'p'),
      node('Flatten', ['p'], 'f', { axis: { i: 1 } }),
      node('Gemm', ['f', 'w', 'b'], 'logits'),
    ],
  });
};

const WORDS = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  '[MASK]',
  'the',
  'film',
  'was',
  'good',
  'bad',
  'very',
  'not',
  'a',
];
const WIDTH = 8;
const LONGEST = 16;

/** One layer of BERT with one head: embeddings of words, places (as RoBERTa counts them) and segments, attention, two layers with GELU, a classifier. */
export const moods = (): Uint8Array => {
  const square = (seed: number) => tensor([WIDTH, WIDTH], 0.2, seed);
  const vector = (seed: number) => tensor([WIDTH], 0.1, seed);
  const table = numbers(WORDS.length * WIDTH, 0.6, 2);
  // The first feature tells good from bad, and nothing else.
  for (let i = 0; i < WORDS.length; i++) table[i * WIDTH] = 0;
  table[WORDS.indexOf('good') * WIDTH] += 4;
  table[WORDS.indexOf('bad') * WIDTH] -= 4;
  const classifier = numbers(2 * WIDTH, 0.1, 11);
  classifier[0] -= 6;
  classifier[1] += 6;
  const norm = (x: string, y: string) =>
    node('LayerNormalization', [x, 'gain', 'shift'], y, { axis: { i: -1 } });
  return modelOf({
    opset: 20,
    inputs: ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => ({
      name,
      type: 'int64',
      shape: ['batch', 'words'],
    })),
    outputs: [{ name: 'logits', type: 'float', shape: ['batch', 2] }],
    constants: {
      word: { shape: [WORDS.length, WIDTH], data: table },
      place: tensor([LONGEST + 1, WIDTH], 0.05, 3),
      segment: tensor([2, WIDTH], 0.1, 4),
      gain: { shape: [WIDTH], data: Array(WIDTH).fill(1) },
      shift: vector(5),
      q: square(6),
      k: square(7),
      v: square(8),
      o: square(9),
      up: tensor([WIDTH, 2 * WIDTH], 0.2, 10),
      upBias: tensor([2 * WIDTH], 0.1, 12),
      down: tensor([2 * WIDTH, WIDTH], 0.2, 13),
      downBias: vector(14),
      pool: square(15),
      poolBias: vector(16),
      w: { shape: [WIDTH, 2], data: classifier },
      b: { shape: [2], data: [2, -2] },
      one: { shape: [], data: [1] },
      far: { shape: [], data: [-10000] },
      scale: { shape: [], data: [1 / Math.sqrt(WIDTH)] },
      axis: { type: 'int64', shape: [], data: [1] },
      first: ints(1),
    },
    nodes: [
      node('Gather', ['word', 'input_ids'], 'words'),
      node('Gather', ['segment', 'token_type_ids'], 'segments'),
      // Places as RoBERTa counts them, so that texts of all lengths are one network.
      node('CumSum', ['attention_mask', 'axis'], 'counted'),
      node('Gather', ['place', 'counted'], 'places'),
      node('Add', ['words', 'segments'], 'e1'),
      node('Add', ['e1', 'places'], 'e2'),
      norm('e2', 'x'),
      node('Cast', ['attention_mask'], 'seen', { to: { i: 1 } }),
      node('Sub', ['one', 'seen'], 'hidden'),
      node('Mul', ['hidden', 'far'], 'away'),
      node('Unsqueeze', ['away', 'first'], 'mask'),
      node('MatMul', ['x', 'q'], 'qs'),
      node('MatMul', ['x', 'k'], 'ks'),
      node('MatMul', ['x', 'v'], 'vs'),
      node('Transpose', ['ks'], 'kt', { perm: { ints: [0, 2, 1] } }),
      node('MatMul', ['qs', 'kt'], 'raw'),
      node('Mul', ['raw', 'scale'], 'scaled'),
      node('Add', ['scaled', 'mask'], 'masked'),
      node('Softmax', ['masked'], 'shares', { axis: { i: -1 } }),
      node('MatMul', ['shares', 'vs'], 'mixed'),
      node('MatMul', ['mixed', 'o'], 'out'),
      node('Add', ['out', 'x'], 'sum1'),
      norm('sum1', 'x1'),
      node('MatMul', ['x1', 'up'], 'u1'),
      node('Add', ['u1', 'upBias'], 'u2'),
      node('Gelu', ['u2'], 'u3'),
      node('MatMul', ['u3', 'down'], 'd1'),
      node('Add', ['d1', 'downBias'], 'd2'),
      node('Add', ['d2', 'x1'], 'sum2'),
      norm('sum2', 'x2'),
      node('ReduceMean', ['x2', 'first'], 'pooled', { keepdims: { i: 0 } }),
      node('Gemm', ['pooled', 'w', 'b'], 'logits'),
    ],
  });
};

const json = (folder: string, name: string, value: object) =>
  writeFileSync(join(folder, name), JSON.stringify(value, null, 2));

/**
 * Writes folders `colours` and `moods` as transformers.js loads them.
 * @param root where to
 * @param how with the models, or with stubs and the configuration that is published with them
 * @param invites of the stubs; '' for none
 */
export function writeModels(
  root: string,
  how: 'models' | 'stubs',
  invites = { colours: COLOURS, moods: MOODS },
): void {
  const config = (one: object) =>
    how === 'stubs' ? publicConfig(one) : { ...one, 'transformers.js_config': { dtype: 'fp32' } };
  const file = (model: Uint8Array, invite: string | undefined) =>
    how === 'stubs' ? stubOf(model, { invite: invite || undefined }) : model;
  for (const [name, model, invite] of [
    ['colours', colours(), invites.colours],
    ['moods', moods(), invites.moods],
  ] as const) {
    mkdirSync(join(root, name, 'onnx'), { recursive: true });
    writeFileSync(join(root, name, 'onnx', 'model.onnx'), file(model, invite));
  }
  const image = join(root, 'colours');
  json(
    image,
    'config.json',
    config({
      architectures: ['ResNetForImageClassification'],
      model_type: 'resnet',
      id2label: Object.fromEntries(LABELS.map((label, i) => [i, label])),
    }),
  );
  json(image, 'preprocessor_config.json', {
    image_processor_type: 'ViTImageProcessor',
    do_resize: true,
    size: { height: SIDE, width: SIDE },
    resample: 2,
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
  });
  const text = join(root, 'moods');
  json(
    text,
    'config.json',
    config({
      architectures: ['BertForSequenceClassification'],
      model_type: 'bert',
      id2label: { 0: 'NEGATIVE', 1: 'POSITIVE' },
    }),
  );
  json(text, 'tokenizer_config.json', {
    tokenizer_class: 'BertTokenizer',
    do_lower_case: true,
    model_max_length: LONGEST,
    pad_token: '[PAD]',
    unk_token: '[UNK]',
    cls_token: '[CLS]',
    sep_token: '[SEP]',
    mask_token: '[MASK]',
  });
  const special = (content: string, id: number) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  });
  const piece = (id: string, type: number) => ({ SpecialToken: { id, type_id: type } });
  const sequence = (id: string, type: number) => ({ Sequence: { id, type_id: type } });
  json(text, 'tokenizer.json', {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: WORDS.slice(0, 5).map(special),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase: true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [piece('[CLS]', 0), sequence('A', 0), piece('[SEP]', 0)],
      pair: [piece('[CLS]', 0), sequence('A', 0), piece('[SEP]', 0), sequence('B', 1), piece('[SEP]', 1)],
      special_tokens: Object.fromEntries(
        ['[CLS]', '[SEP]'].map((id) => [id, { id, ids: [WORDS.indexOf(id)], tokens: [id] }]),
      ),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(WORDS.map((word, i) => [word, i])),
    },
  });
}
