/** Warnings for whoever runs a party: Node's warnings on stderr, the console in browsers. */

interface Warns {
  emitWarning?(message: string, options: { type: string; code: string }): void;
}

export function warn(code: string, message: string): void {
  const node = (globalThis as { process?: Warns }).process;
  if (node?.emitWarning) node.emitWarning(message, { type: 'TacitWarning', code });
  else console.warn(`TacitWarning [${code}]: ${message}`);
}
