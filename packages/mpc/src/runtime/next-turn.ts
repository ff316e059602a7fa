/** Runs a function after the current event and all its promise reactions: setImmediate, or a channel in browsers. */
type Immediate = (run: () => void) => void;

const nodeImmediate = (globalThis as { setImmediate?: Immediate }).setImmediate;

function channelImmediate(): Immediate {
  const queue: (() => void)[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => queue.shift()?.();
  return (run) => {
    queue.push(run);
    port2.postMessage(0);
  };
}

export const afterThisTurn: Immediate = nodeImmediate ?? channelImmediate();

/** Lets other events (arriving frames, sending) happen. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => afterThisTurn(resolve));
