#!/usr/bin/env node
// Committed, not built: installing the repository links the command before anything is compiled.
import '@tacit/launch/bin';
