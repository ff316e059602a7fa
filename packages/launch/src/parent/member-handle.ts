/** The launcher's end of one member, whether that is a thread or a process. */
import { entryModule } from '../location.js';
import type { FromMember, ToMember } from '../messages.js';

export interface MemberExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface MemberHandlers {
  onMessage(message: FromMember): void;
  /** It failed outside of its own care: could not start, ran out of memory. */
  onError(error: Error): void;
  /** Called once, after everything else. */
  onExit(exit: MemberExit): void;
}

export interface MemberHandle {
  readonly pid: number;
  readonly threadId: number | undefined;
  /** Dropped if the member has ended. */
  post(message: ToMember, transfer?: readonly MessagePort[]): void;
  /** Ends it at once, whatever it does; `onExit` follows. */
  kill(): void;
}

/** Which program the thread or process runs. */
export type EntryPoint = 'party' | 'dealer';

/** The entry point's module. */
export const entryUrl = (entry: EntryPoint): URL => entryModule(`member/${entry}-main`);
