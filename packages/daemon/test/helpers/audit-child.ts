/** Writes events: argv is audit.log and how many. */
import { AuditLog } from '../../src/audit/audit-log.js';

const [path = '', times = '0'] = process.argv.slice(2);
const log = new AuditLog({ path });
for (let i = 0; i < Number(times); i++)
  await log.append({ event: 'peer-added', peer: `p${i}`, fingerprint: 'e'.repeat(64) });
