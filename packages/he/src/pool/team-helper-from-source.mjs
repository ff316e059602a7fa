// Runs team-helper.ts where the sources themselves run, under tsx: on Node 20 it registers its loader in the main thread
// only. The built package has team-helper.js and no need of this.
import { register } from 'tsx/esm/api';

register();
await import('./team-helper.ts');
