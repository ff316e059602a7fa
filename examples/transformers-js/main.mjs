// The same program for transformers.js twice: on a model, and on a stub of it that is published while its owner serves it.
//   npm install && node main.mjs
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publicConfig, stubOf } from '@tacit/ort';
import { startTrial } from '@tacit/service';
import { writeModel } from './model.mjs';

const folder = mkdtempSync(join(tmpdir(), 'tacit-colours-'));
const program = fileURLToPath(new URL('program.mjs', import.meta.url));
const cwd = fileURLToPath(new URL('.', import.meta.url));

/** Runs the program on a folder of models. */
async function run(models, flags = [], env = {}) {
  const options = { cwd, env: { ...process.env, ...env } };
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, `${models}/`], options);
  return stdout.trimEnd();
}

// The owner of the model: the folder that is private, and the one that is published. (On the command line:
// tacit stub colours/onnx/model.onnx --transformers published, and tacit serve.)
const [owned, published] = ['owned', 'published'].map((name) => join(folder, name));
const [from, to] = [owned, published].map((models) => join(models, 'colours'));
writeModel(from);
const model = join(from, 'onnx', 'model.onnx');
mkdirSync(join(to, 'onnx'), { recursive: true });
copyFileSync(join(from, 'preprocessor_config.json'), join(to, 'preprocessor_config.json'));
const config = JSON.parse(readFileSync(join(from, 'config.json'), 'utf8'));
writeFileSync(join(to, 'config.json'), JSON.stringify(publicConfig(config)));
writeFileSync(join(to, 'onnx', 'model.onnx'), stubOf(readFileSync(model)));

// It deals itself here, and could see everything: for trying out.
const service = await startTrial({ models: [{ name: 'colours', file: model }] });
const invite = await service.invite({ model: 'colours' });

console.log(`in the clear, on a model of ${statSync(model).size} bytes`);
console.log(await run(owned));
console.log(`in private, on a stub of ${statSync(join(to, 'onnx', 'model.onnx')).size} bytes`);
console.log(
  await run(published, ['--import', '@tacit/ort/global'], { TACIT_INVITE: invite, TACIT_TRIAL: '1' }),
);

await service.close();
rmSync(folder, { recursive: true });
