/** `tacit serve`, `tacit service …` and `tacit ask`. What they need is loaded by the one that runs. */
import { again, durationOf, integer } from '@tacit/cli-kit';
import { withHome } from '@tacit/daemon/cli';
import { type Command, InvalidArgumentError } from 'commander';
import type { AskFlags, InviteFlags, ServeFlags } from './flags.js';

const SERVE_EXAMPLES = `
Examples:
  tacit serve digits.onnx --trial --invite          try it out: a dealer of its own, nothing to set up
  tacit serve digits.onnx --dealer carol --listen 0.0.0.0:7800 --address wss://models.example
  tacit serve --model digits=digits.onnx --model scores=scores.onnx --dealer carol --sessions 32
  tacit serve bert.onnx --dealer carol --input-shape input_ids=batch,64

The dealer is a peer ('tacit join'), and takes guests: 'guests' in its config.yaml. Clients are invited by
'tacit service invite MODEL', and ask by connect() of tacit/client, by 'tacit ask', or through onnxruntime's
InferenceSession. SIGTERM and Ctrl-C let running sessions end ('drain' in config.yaml); a second one ends at once.
`;

const INVITE_EXAMPLES = `
Examples:
  tacit service invite digits --for 'the ward in Bern' --expires 30d --questions 1000
  tacit service invite digits --once --expires 1h
  tacit service list
  tacit service withdraw 3f9a2c

The invite is printed to standard output and nowhere else. Whoever has it may ask the model, within its quota.
`;

const ASK_EXAMPLES = `
Examples:
  tacit ask tacit:1:… --input image=digit.npy --out logits=logits.npy
  tacit ask - --input digit.npy < invite.txt        the invite is a secret: this keeps it out of the list of processes
  tacit ask tacit:1:… --info                        what the model is, and who learns what
`;

function duration(text: string): number {
  const ms = durationOf(text);
  if (ms === undefined) throw new InvalidArgumentError('It must be a time, such as 30s, 10m, 12h or 7d.');
  return ms;
}

/**
 * Adds the commands.
 * @param program the command `tacit`
 */
export function addServiceCommands(program: Command): void {
  withHome(program.command('serve'))
    .description(
      'answer questions about a model to whoever has an invite; neither side sees what is the other one’s',
    )
    .argument('[MODEL.onnx]', 'the model')
    .option('--name <NAME>', "what invites call it (default: the file's name without its ending)")
    .option('--model <NAME=FILE>', 'a model by its name; may be given again', again)
    .option('--dealer <NAME>', 'the peer that deals')
    .option('--listen <HOST:PORT>', 'where clients reach it (default: guests.listen of config.yaml)')
    .option('--address <ADDRESS>', 'what invites say about that, such as wss://models.example')
    .option('--origin <ORIGIN>', "web pages that may connect, or '*'; may be given again", again)
    .option('--sessions <N>', 'clients at the same time', integer(1, 10_000), 16)
    .option('--at-once <N>', 'questions of one client under way at the same time', integer(1, 64), 4)
    .option('--idle <TIME>', 'after how long without a question a session ends (default: 10m)', duration)
    .option('--spares <N>', 'threads that wait for clients, for each model', integer(0, 64), 2)
    .option('--input-shape <NAME=SIZES>', 'sizes that the file leaves open and that have to be known', again)
    .option('--invite', 'print an invite to the first model, good for a day')
    .option('--trial', 'with an organisation and a dealer of its own, for trying out: private to nobody')
    .addHelpText('after', SERVE_EXAMPLES)
    .action(async (file: string | undefined, flags: ServeFlags) => {
      const { serve } = await import('./serve-command.js');
      await serve(file, flags);
    });

  const service = program.command('service').description('invites to the models that are served here');
  service.addHelpText('after', INVITE_EXAMPLES);
  withHome(service.command('invite'))
    .description('make a line by which clients ask a model')
    .argument('<MODEL>', 'as it is served, or was served last')
    .option('--for <TEXT>', 'whom it is for, for your own list and the audit log')
    .option('--expires <TIME>', 'how long it can be used (default: for ever)', duration)
    .option('--questions <N>', 'questions a day', integer(1, Number.MAX_SAFE_INTEGER))
    .option('--bytes <N>', 'bytes a day', integer(1, Number.MAX_SAFE_INTEGER))
    .option('--at-once <N>', 'clients at the same time', integer(1, 1e6))
    .option('--once', 'good for one session')
    .action(async (model: string, flags: InviteFlags) => {
      const { invite } = await import('./invite-commands.js');
      await invite(model, flags);
    });
  withHome(service.command('list'))
    .description('show invites and what is used of them, without their secrets')
    .option('--json', 'as JSON')
    .action(async (flags: { home?: string; json?: boolean }) => {
      const { list } = await import('./invite-commands.js');
      await list(flags);
    });
  withHome(service.command('withdraw'))
    .description('take an invite back; sessions that run go on')
    .argument('<ID>', "of 'tacit service list', or its beginning")
    .action(async (id: string, flags: { home?: string }) => {
      const { withdraw } = await import('./invite-commands.js');
      await withdraw(id, flags);
    });

  program
    .command('ask')
    .description('ask a model by an invite; its owner learns neither the question nor the answer')
    .argument('<INVITE>', "tacit:1:…, or '-' to read it from the standard input")
    .option(
      '--input <NAME=FILE>',
      '.npy file of an input; FILE alone where the model has one; may be given again',
      again,
    )
    .option(
      '--out <NAME=FILE>',
      '.npy file for an output; FILE alone for the first; may be given again',
      again,
    )
    .option('--info', 'show what the model is, and who learns what')
    .option('--json', 'print outputs, or the information, as JSON')
    .option('--dealer-key <HEX>', 'refuse an invite with another dealer than this')
    .option('--trial', 'accept an invite whose dealer is the service itself: it could see everything')
    .option('--quiet', 'say nothing about how it goes')
    .option('--debug', 'show stacks of errors')
    .addHelpText('after', ASK_EXAMPLES)
    .action(async (invite: string, flags: AskFlags) => {
      const { ask } = await import('./ask-command.js');
      await ask(invite, flags);
    });
}
