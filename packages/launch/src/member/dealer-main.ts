/**
 * Entry point of the dealer's thread or process. It knows the parties' seeds, sees none of their messages, and imports
 * nothing of what the program uses.
 */
import { serveDealer } from '@tacit/mpc';
import { join } from './connect.js';
import { openControl } from './control.js';
import { cancelled, Member } from './member.js';

const control = openControl();
const member = new Member(control);
let learnAddresses: (addresses: readonly string[]) => void = () => {};
const addresses = new Promise<readonly string[]>((resolve) => {
  learnAddresses = resolve;
});
let finish: () => void = () => {};
const finished = new Promise<void>((resolve) => {
  finish = resolve;
});
const start = await control.start;
control.onMessage((message) => {
  if (message.type === 'addresses') learnAddresses(message.addresses);
  else if (message.type === 'finish') finish();
  else if (message.type === 'abort') member.fail(cancelled());
});
try {
  const { comm, ring } = await join(start, control, addresses);
  member.attach(comm);
  const dealer = await serveDealer(comm, ring, start.parties, start.config);
  await finished;
  dealer.stop();
  await member.succeed(dealer.stats);
} catch (error) {
  await member.fail(error);
}
