/** `@tacit/he-service/pool`: worker threads for many inputs. Node.js only. */
export { HePool, type HePoolOptions, type PoolEvaluateOptions, type PoolKeys } from './he-pool.js';
export { HeTeam, type HeTeamOptions, type TeamKeys } from './he-team.js';
