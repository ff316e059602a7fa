// Sound as the models take it: a window of two seconds at 16 kHz, the end of what a microphone has heard so far.
import { readFileSync } from 'node:fs';

/** A voice says "Alexa", "a lexicon" and "the weather is fine". */
export const RECORDINGS = ['alexa.wav', 'lexicon.wav', 'weather.wav'];

/** 196 frames of a spectrogram: windows of 512 samples, 160 apart. */
export const SAMPLES = 195 * 160 + 512;
/** Silence after the word. */
const PAUSE = 712;

/** The samples of a .wav file (one channel, 16 kHz, 16 bits), from -1 to 1, with silence before and after them. */
export function recording(file) {
  const bytes = readFileSync(new URL(file, import.meta.url));
  const { channels, rate, bits, data } = chunks(bytes);
  if (channels !== 1 || rate !== 16_000 || bits !== 16)
    throw new Error(`${file} is not a recording of one channel at 16 kHz with 16 bits`);
  const count = Math.min(data.length >> 1, SAMPLES - PAUSE);
  const window = new Float64Array(SAMPLES);
  for (let i = 0; i < count; i++)
    window[SAMPLES - PAUSE - count + i] = data.readInt16LE(data.length - 2 * (count - i)) / 32768;
  return window;
}

/** What a .wav file says of itself, and its samples. */
function chunks(bytes) {
  const found = {};
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32LE(at + 4);
    found[bytes.toString('latin1', at, at + 4)] = bytes.subarray(at + 8, at + 8 + size);
    at += 8 + size + (size % 2);
  }
  const { 'fmt ': format, data } = found;
  if (!format || !data) throw new Error('not a .wav file');
  return {
    channels: format.readUInt16LE(2),
    rate: format.readUInt32LE(4),
    bits: format.readUInt16LE(14),
    data: data.subarray(0, data.length & ~1),
  };
}

/** Loudness over time as text: a column for 40 ms. */
export function shown(samples) {
  const step = 640;
  let text = '';
  for (let at = 0; at < samples.length; at += step) {
    const part = samples.subarray(at, at + step);
    const power = part.reduce((sum, v) => sum + v * v, 0) / part.length;
    const level = power === 0 ? 0 : Math.round(8 + (Math.log10(power) * 10 + 10) / 5);
    text += ' ▁▂▃▄▅▆▇█'[Math.min(8, Math.max(0, level))];
  }
  return text;
}
