import { createThreadGroup, threadTransport } from '@tacit/comm';
import { transportCompliance } from '../src/index.js';

transportCompliance('threads', async (size) => createThreadGroup(size).map(threadTransport));
