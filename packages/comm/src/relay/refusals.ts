/**
 * Why a relay sends somebody away: the close codes, and what a member tells its user. Codes from 4400 to 4599, apart from
 * those of members, which a relay passes on.
 */

/** A reason and its close code. */
export const RELAY_REFUSALS = {
  malformed: 4460,
  'wrong proof': 4461,
  quota: 4462,
  'not allowed': 4463,
  absent: 4464,
  'no answer': 4465,
  'wrong version': 4466,
  declined: 4467,
  'too slow': 4468,
  replaced: 4469,
  gone: 4470,
  'wrong name': 4471,
  idle: 4472,
  'too large': 4473,
  'too many': 4474,
  draining: 4475,
} as const;
export type RelayRefusal = keyof typeof RELAY_REFUSALS;

/** What may be different the next time, without anybody's doing or because a member has started meanwhile. */
const TRANSIENT: readonly RelayRefusal[] = [
  'absent',
  'no answer',
  'too slow',
  'too many',
  'gone',
  'draining',
  'idle',
];

/** A close code as a reason; undefined for one that is not a relay's. */
export function relayRefusal(code: number): RelayRefusal | undefined {
  const known = Object.entries(RELAY_REFUSALS).find(([, known]) => known === code);
  return known?.[0] as RelayRefusal | undefined;
}

/** Whether trying again makes sense. */
export const isTransient = (reason: RelayRefusal): boolean => TRANSIENT.includes(reason);

/** Enough of a fingerprint to know it by. */
export const shortly = (fingerprint: string): string => `${fingerprint.slice(0, 8)}…`;

/** Who was sent away from where. */
export interface Refused {
  /** Host of the relay, as dialed. */
  readonly relay: string;
  /** The fingerprint of who was refused. */
  readonly own: string;
  /** The fingerprint of the member that it wanted, if it wanted one. */
  readonly target?: string | undefined;
  /** The words of the relay. */
  readonly detail: string;
}

/**
 * A refusal in words: who, where, and what to do.
 * @param reason which refusal it is
 * @param refused who was refused
 * @returns a message for an error
 */
export function explain(reason: RelayRefusal, { relay, own, target, detail }: Refused): string {
  const member = target === undefined ? 'the member' : `the member ${shortly(target)}`;
  const self = `this member (${shortly(own)})`;
  const said = detail === '' ? '' : ` (${detail})`;
  const texts: Record<RelayRefusal, string> = {
    malformed: `the relay ${relay} does not understand ${self}${said}; run the same release at both`,
    'wrong proof': `the relay ${relay} could not verify the proof of ${self}; key and certificate must belong together`,
    quota: `the relay ${relay} forwards no more for ${self}${said}; wait, or ask its operator for a higher limit`,
    'not allowed': `the relay ${relay} does not serve ${self}${said}; ask its operator to allow the fingerprint ${own}`,
    absent: `${member} is not at the relay ${relay}: its process is not running, or cannot reach the relay. Start it; it registers by itself`,
    'no answer': `${member} is registered at the relay ${relay} but did not answer; its process hangs, or its connection just broke`,
    'wrong version': `the relay ${relay} speaks another version${said}; run the same release at both`,
    declined: `${member} at the relay ${relay} does not want a connection from ${self}; its owner has to add this member as a peer`,
    'too slow': `${self} took too long to prove itself to the relay ${relay}`,
    replaced: `another process has registered at the relay ${relay} with the identity of ${self}. Run one process with an identity, or give each one of its own`,
    gone: `the relay ${relay} knows this visitor no more; it has hung up or waited too long`,
    'wrong name': `the relay at ${relay} does not know itself by this name${said}; start it with this name, or dial one that it knows`,
    idle: `the relay ${relay} ended a connection without traffic${said}`,
    'too large': `a message was too large for the relay ${relay}${said}; send it in parts`,
    'too many': `the relay ${relay} has too many connections${said}; trying again helps once some have ended`,
    draining: `the relay ${relay} is shutting down or restarting`,
  };
  return texts[reason];
}
