#!/usr/bin/env node
import { runCommandLine } from './program.ts';
import { processTerminal } from './terminal.ts';

// Not process.exit: what is still in a pipe would be lost.
process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal());
