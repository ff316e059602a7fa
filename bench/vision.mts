/**
 * npx tsx --conditions=@tacit/source bench/vision.mts [resnet18|resnet50|mobilenet2|vgg16|all] [--repeat K] [--mode owned|shared]
 * [--transport threads|ws] [--keep FILE.onnx]: a network for ImageNet with random weights on one private image (two parties and
 * a dealer), and in ONNX Runtime. Nothing is downloaded.
 */
import { compare, readCommandLine } from './lib/private-run.mts';
import { IMAGE, VISION_MODELS } from './lib/vision.mts';

const { values: options, positionals } = readCommandLine();
const asked = positionals[0] ?? 'all';
const names = asked === 'all' ? Object.keys(VISION_MODELS) : [asked];
for (const name of names) {
  const model = VISION_MODELS[name];
  if (!model)
    throw new Error(`there is no model ${name}; there are ${Object.keys(VISION_MODELS).join(', ')}, all`);
  // Waves of about the deviation that a normalised picture has.
  const image = Float32Array.from(
    { length: 3 * IMAGE * IMAGE },
    (_, i) => 1.4 * Math.sin(0.37 * i + Math.floor(i / IMAGE) * 0.11),
  );
  const run = { name, model, input: 'image', shape: [1, 3, IMAGE, IMAGE], values: image };
  if (!(await compare(run, options))) process.exitCode = 1;
}
process.exit();
