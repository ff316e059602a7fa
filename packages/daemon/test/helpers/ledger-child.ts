/** Starts sessions of bob: argv is usage.json, how many to try, and what then: crash, or tell how many were allowed. */
import { UsageLedger } from '../../src/consent/ledger.js';
import type { Decision, Usage } from '../../src/consent/types.js';

const [path = '', times = '0', then] = process.argv.slice(2);
const ledger = new UsageLedger({ path });
const quota = { sessionsPerDay: 30 };
const decide = ({ sessionsToday }: Usage): Decision =>
  sessionsToday < quota.sessionsPerDay
    ? { allowed: true, rule: { name: 'score', quota }, bytesLeft: Infinity }
    : { allowed: false, code: 'SESSIONS_PER_DAY', reason: '-' };
let allowed = 0;
for (let i = 0; i < Number(times); i++) if ((await ledger.admit('bob', 'score', decide)).session) allowed++;
if (then === 'crash') process.exit(9);
process.send?.(allowed);
process.disconnect?.();
