import { resumable } from '@tacit/comm/resumable';
import { linkCompliance } from '../src/index.js';

linkCompliance('resumable', (graceMs) => resumable({ graceMs, maxReplayBytes: 8 * 2 ** 20 }));
