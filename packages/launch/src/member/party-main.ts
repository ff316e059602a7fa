/**
 * Entry point of a party's thread or process: imports the program's module, runs its function with a connected party,
 * and ends. The order of things matters for the error that a user sees: connections are opened only when the function
 * is about to start, so that a module that never comes there leaves nothing that keeps this thread alive.
 */
import type { StartMessage } from '../messages.js';
import { openParty, ownTapes } from '../open-party.js';
import { encodeResult } from '../result-codec.js';
import { join } from './connect.js';
import { MemberContext, type PartyFunction, setMemberContext } from './context.js';
import { openControl } from './control.js';
import { cancelled, Member } from './member.js';
import { silenceOutput } from './output.js';
import { prepareFor } from './typescript.js';

const control = openControl();
const restoreOutput = silenceOutput();
const member = new Member(control);
let learnAddresses: (addresses: readonly string[]) => void = () => {};
const addresses = new Promise<readonly string[]>((resolve) => {
  learnAddresses = resolve;
});
const start = await control.start;
process.argv.splice(0, process.argv.length, ...start.argv);
const { program } = start;
const context = program && new MemberContext(program, runParty, (held) => control.hold(held));
control.onMessage((message) => {
  if (message.type === 'addresses') learnAddresses(message.addresses);
  else if (message.type === 'outcome') context?.learn(message.key, message.outcome);
  else if (message.type === 'abort') member.fail(cancelled());
});
if (context) setMemberContext(context);
control.hold(false);

try {
  if (program === undefined) throw new Error('a party was started without a program');
  await prepareFor(program.moduleUrl);
  const module: Record<string, unknown> = await import(program.moduleUrl);
  if (program.kind === 'export') {
    const run = module[program.name];
    if (typeof run !== 'function')
      throw new Error(`${program.moduleUrl} exports no function ${program.name}`);
    runParty((party) => run(party, program.argument));
  }
} catch (error) {
  await member.fail(error);
}

function runParty(run: PartyFunction): void {
  control.hold(true);
  connectAndRun(start, run).catch((error) => member.fail(error));
}

async function connectAndRun(to: StartMessage, run: PartyFunction): Promise<void> {
  const { comm, ring } = await join(to, control, addresses);
  member.attach(comm);
  const randomness = to.tapes && (await ownTapes(to.tapes));
  const { party, engine } = await openParty(comm, ring, { ...to, randomness }, (data) => {
    control.post({ type: 'notice', data });
  });
  restoreOutput();
  if (context) context.started = true;
  const result = encodeResult(await party.conclude(() => run(party)));
  await engine.finish();
  await member.succeed(result);
}
