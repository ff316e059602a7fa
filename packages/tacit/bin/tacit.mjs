#!/usr/bin/env node
// Committed, not built: installing the repository links the command before anything is compiled.
import { addDoctor, addPolicyCommands } from '@tacit/daemon/cli';
import { addIdentityCommands } from '@tacit/identity/cli';
import { main } from '@tacit/launch/cli';
import { heCommand } from './he.mjs';

const args = process.argv.slice(2);
await main(args, [addIdentityCommands, addPolicyCommands, addDoctor, await heCommand(args)]);
