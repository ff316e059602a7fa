/** The most memory that this process has had. */
import { readFileSync } from 'node:fs';

/**
 * Peak resident set in bytes. Linux keeps the high-water mark of a process in /proc; getrusage's would still hold the
 * launching process's size from before exec.
 */
export function peakRssBytes(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (line) return Number(line[1]) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}
