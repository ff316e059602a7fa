// runExported at the top level of the module that has the function: an error that says what to do, not parties of parties.
import { runExported } from '@tacit/launch';

export const program = (party) => party.rank;
const onEvent = ({ type }) => console.log(type);
await runExported({ worldSize: 2, timeoutMs: 10_000, onEvent }, import.meta.url, 'program', null);
