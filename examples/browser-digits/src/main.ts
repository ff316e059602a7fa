/** The page: the digit stays here, in shares and behind masks it goes to the owner of the network. */
import { connect, type PrivateModel } from 'tacit/client';
import { Pad, pictureOf, SIZE } from './pad.js';

const began = performance.now();
const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const [state, ask, clear, bars] = ['state', 'ask', 'clear', 'bars'].map((id) => element(id));
const text = (id: string, value: string): void => {
  element(id).textContent = value;
};
const kB = (bytes: number): string => `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;

/** The picture that was picked, until something is drawn over it: exactly as it is in the file. */
let picked: Float32Array | undefined;
let asking = false;
const pad = new Pad(element<HTMLCanvasElement>('pad'), () => {
  picked = undefined;
  void question();
});

let opening: Promise<PrivateModel> | undefined;
/** The model; a new connection where the last one failed. */
function model(): Promise<PrivateModel> {
  opening ??= (async () => {
    const { invite } = await (await fetch('/api/invite', { method: 'POST' })).json();
    const opened = await connect(invite, { onProgress: ({ phase }) => say(phase) });
    say(`ready after ${Math.round(performance.now() - began)} ms; the dealer is ${opened.info.dealer.name}`);
    return opened;
  })();
  opening.catch(() => {
    opening = undefined;
  });
  return opening;
}

function say(what: string, failed = false): void {
  state.textContent = what;
  state.classList.toggle('failed', failed);
}

async function question(): Promise<void> {
  const pixels = picked ?? pad.pixels();
  if (pixels === undefined || asking) return;
  asking = true;
  (ask as HTMLButtonElement).disabled = true;
  try {
    const reader = await model();
    const before = performance.now();
    await saw();
    const { logits } = await reader.run({ [reader.info.inputs[0]?.name ?? '']: pixels }).then(onlyOutput);
    const ms = performance.now() - before;
    show(logits);
    const { last, runs } = reader.stats;
    text('time', `${Math.round(last?.ms ?? ms)} ms`);
    text('rounds', String(last?.rounds));
    text('sent', kB(last?.bytesSent ?? 0));
    text('received', kB(last?.bytesReceived ?? 0));
    if (runs === 1) say(`first answer ${Math.round(performance.now() - began)} ms after the page began`);
    await showSeen();
    document.body.dataset.answers = String(runs);
  } catch (error) {
    opening = undefined; // The next question connects again.
    const { code, message } = error as { code?: string; message: string };
    say(code === undefined ? message : `[${code}] ${message}`, true);
  } finally {
    asking = false;
    (ask as HTMLButtonElement).disabled = false;
  }
}

const onlyOutput = (outputs: Awaited<ReturnType<PrivateModel['run']>>): { logits: Float32Array } => ({
  logits: Object.values(outputs)[0]?.data as Float32Array,
});

/** Probabilities are made here: the logits are known to this tab only. */
function show(logits: Float32Array): void {
  const most = Math.max(...logits);
  const powers = Array.from(logits, (value) => Math.exp(value - most));
  const total = powers.reduce((sum, value) => sum + value, 0);
  powers.forEach((power, digit) => {
    const row = bars.children[digit] as HTMLElement;
    row.classList.toggle('best', logits[digit] === most);
    (row.querySelector('.bar') as HTMLElement).style.width = `${(100 * power) / total}%`;
    (row.querySelector('.part') as HTMLElement).textContent = `${((100 * power) / total).toFixed(1)} %`;
  });
}

interface Seen {
  readonly pid: number;
  readonly total: number;
  readonly messages: readonly { readonly bytes: number; readonly words: readonly string[] }[];
}
const saw = async (): Promise<Seen> => (await fetch('/api/saw')).json();

/** Asks the owner's process what came there since the question. */
async function showSeen(): Promise<void> {
  const { pid, messages } = await saw();
  const bytes = messages.reduce((sum, message) => sum + message.bytes, 0);
  const shown = messages.filter(({ words }) => words.length > 0).sort((a, b) => b.bytes - a.bytes)[0];
  text(
    'summary',
    `${messages.length} messages, ${kB(bytes)}. The end of the largest one, in words of 64 bits:`,
  );
  text('words', rows(shown?.words ?? []).join('\n'));
  text(
    'who',
    `As process ${pid} received it, after decryption: your numbers plus masks that only your tab knows. Ask twice: no word comes again.`,
  );
}

const rows = (words: readonly string[]): string[] =>
  [0, 1].map((row) => words.slice(4 * row, 4 * row + 4).join('  '));

async function offerSamples(): Promise<void> {
  const samples: readonly string[] = await (await fetch('/samples.json')).json();
  for (const [digit, encoded] of samples.entries()) {
    const pixels = Float32Array.from(atob(encoded), (c) => c.charCodeAt(0) / 255);
    if (pixels.length !== SIZE * SIZE) continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.setAttribute('aria-label', `a ${digit} that somebody wrote`);
    button.append(pictureOf(pixels));
    button.addEventListener('click', () => {
      picked = pixels;
      pad.show(pixels);
      void question();
    });
    element('samples').append(button);
  }
}

for (let digit = 0; digit < 10; digit++) {
  const row = document.createElement('li');
  for (const [tag, name] of [
    ['span', 'digit'],
    ['span', 'track'],
    ['span', 'part'],
  ] as const) {
    const cell = document.createElement(tag);
    cell.className = name;
    row.append(cell);
  }
  (row.children[0] as HTMLElement).textContent = String(digit);
  const bar = document.createElement('div');
  bar.className = 'bar';
  (row.children[1] as HTMLElement).append(bar);
  bars.append(row);
}
ask.addEventListener('click', () => void question());
clear.addEventListener('click', () => {
  picked = undefined;
  pad.clear();
});
addEventListener('pagehide', () => void opening?.then((opened) => opened.close()));
// The connection is made while the visitor draws.
model().then(
  () => {
    (ask as HTMLButtonElement).disabled = false;
  },
  (error) => say(error.message, true),
);
void offerSamples();
