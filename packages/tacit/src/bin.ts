#!/usr/bin/env node
/** The command `tacit`. */
import '@tacit/launch/bin';
