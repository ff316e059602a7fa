#!/usr/bin/env node
// Committed, not built: installing the repository links the command before anything is compiled.
import { addHe } from '@tacit/he/cli';
import { main } from '@tacit/launch/cli';

await main(process.argv.slice(2), [addHe]);
