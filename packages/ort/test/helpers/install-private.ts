/** Imported before a program: what it opens by transformers.js is computed among parties in this process. */
import { installRuntime } from '../../src/index.js';
import { serve } from './clients.js';
import { COLOURS, colours, MOODS, moods } from './transformers-models.js';

installRuntime({ connect: serve({ [COLOURS]: colours(), [MOODS]: moods() }, 'private').connect });
