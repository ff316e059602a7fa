import { strangersSuite } from './strangers/crowd.js';

describe('strangers at the door of a hub', () => strangersSuite(2000));
