/** The page that the service shows: a digit is drawn, encrypted, classified by the server, and the answer decrypted. */
import { bytesToHex } from '@noble/hashes/utils.js';
import { HeClient } from '@tacit/he';
import { HeHttpClient } from '../service-client/index.js';
import { DrawingBoard } from './drawing-board.js';

const element = <E extends HTMLElement>(id: string): E => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as E;
};

const status = element('status');
const ask = element<HTMLButtonElement>('ask');
const facts = new Map<string, string>();

function say(text: string): void {
  status.textContent = text;
}

function fact(name: string, value: string): void {
  facts.set(name, value);
  element('facts').replaceChildren(
    ...[...facts].flatMap(([title, text]) => {
      const [term, detail] = [document.createElement('dt'), document.createElement('dd')];
      term.textContent = title;
      detail.textContent = text;
      return [term, detail];
    }),
  );
}

const size = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

async function timed<T>(action: () => Promise<T>): Promise<[T, number]> {
  const started = performance.now();
  return [await action(), performance.now() - started];
}

/** Lets the browser paint before something long. */
const painted = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

async function main(): Promise<void> {
  const board = new DrawingBoard(element<HTMLCanvasElement>('canvas'));
  element('clear').addEventListener('click', () => board.clear());
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? undefined;
  const http = new HeHttpClient({ url: location.origin, token });
  const wanted = new URLSearchParams(location.search).get('model');
  const models = await http.models();
  const model = wanted === null ? models[0] : models.find(({ name }) => name === wanted);
  if (model === undefined) throw new Error('The service has no such model.');
  fact('model', model.name);

  say('Making keys ...');
  await painted();
  const client = await HeClient.create(await http.clientArtefact(model.id));
  if (client.artefact.input.shape.reduce((a, b) => a * b, 1) !== 784)
    throw new Error(`${model.name} takes no pictures of 28 x 28; use the library or the command for it.`);
  const [keys, keyMs] = await timed(() => client.evaluationKeys());
  fact('evaluation keys', `${size(keys.length)}, made in ${(keyMs / 1000).toFixed(1)} s`);
  const { id: keyId } = await http.uploadKeys(keys, {
    model: model.id,
    onProgress: (sent, total) => say(`Uploading evaluation keys: ${size(sent)} of ${size(total)}`),
  });
  say('Ready. The secret key is in this tab only.');
  ask.disabled = false;

  ask.addEventListener('click', async () => {
    ask.disabled = true;
    try {
      say('Encrypting ...');
      await painted();
      const [sent, encryptMs] = await timed(() => client.encrypt(board.pixels()));
      element('ciphertext').textContent = hex(sent[0] as Uint8Array);
      say('The server computes ...');
      const [answer, serverMs] = await timed(() => http.infer(sent, { model: model.id, keyId }));
      const [[logits], decryptMs] = await timed(() => client.decrypt(answer));
      show(logits as Float64Array);
      fact(
        'sent, received',
        `${size((sent[0] as Uint8Array).length)}, ${size((answer[0] as Uint8Array).length)}`,
      );
      fact(
        'encrypt, server, decrypt',
        [encryptMs, serverMs, decryptMs].map((ms) => `${ms.toFixed(0)} ms`).join(', '),
      );
      say('Done. Draw another.');
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    } finally {
      ask.disabled = false;
    }
  });
}

function hex(bytes: Uint8Array): string {
  const shown = bytesToHex(bytes.subarray(0, 512));
  return `${shown} ... (${bytes.length} bytes)`;
}

function show(logits: Float64Array): void {
  const top = Math.max(...logits);
  const low = Math.min(...logits);
  element('digit').textContent = String(logits.indexOf(top));
  element('logits').replaceChildren(
    ...Array.from(logits, (value) => {
      const line = document.createElement('li');
      const bar = document.createElement('span');
      bar.style.width = `${(8 * (value - low)) / (top - low || 1)}rem`;
      line.append(bar, value.toFixed(2));
      return line;
    }),
  );
}

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
});
