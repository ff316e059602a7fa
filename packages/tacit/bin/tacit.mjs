#!/usr/bin/env node
// Committed, not built: installing the repository links the command before anything is compiled.
import {
  addDaemonCommands,
  addDoctor,
  addPolicyCommands,
  reachableAt,
  startDaemonCommand,
} from '@tacit/daemon/cli';
import { addIdentityCommands } from '@tacit/identity/cli';
import { main } from '@tacit/launch/cli';
import { addLockCommands } from '@tacit/lock/cli';
import { addStubCommand } from '@tacit/ort/cli';
import { addServiceCommands } from '@tacit/service/cli';
import { addTapesCommands } from '@tacit/tapes/cli';
import { batchCommand } from './batch.mjs';
import { heCommand } from './he.mjs';

const args = process.argv.slice(2);
const extensions = [
  addDaemonCommands,
  (program) => addIdentityCommands(program, { reachable: reachableAt }),
  addPolicyCommands,
  addDoctor,
  addLockCommands,
  addStubCommand,
  addServiceCommands,
  addTapesCommands,
  await heCommand(args),
  await batchCommand(args),
];
await main(args, extensions, { startDaemon: startDaemonCommand });
