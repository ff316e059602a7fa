/** Begins an attempt that others begin at the same time. */
import { ShardFence } from '../../src/shards/fence-files.js';

const [folder = '', key = ''] = process.argv.slice(2);
const began = await new ShardFence({ folder, most: 9 }).begin(JSON.parse(key), 1);
process.send?.(began);
