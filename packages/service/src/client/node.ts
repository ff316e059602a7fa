/**
 * @packageDocumentation Asking models of others in private, from Node.js.
 */
import { nodePrimitives, webSocketOpener, webSocketTransport } from '@tacit/comm/websocket';
import { checkedInvite } from './check.js';
import { RemoteModel } from './model.js';
import { withTensors } from './private-model.js';
import type { ConnectOptions, PrivateModel } from './types.js';

export * from './exports.js';

/**
 * Connects to a model that somebody serves, and prepares it: the first question then takes as long as later ones.
 * @param invite `tacit:1:…`, from the owner of the model. A secret
 * @param options a signal, progress, shapes to prepare for, the dealer that is trusted
 * @returns the model; close it
 * @throws ServiceInviteError for a text that is no invite, ServiceUnreachableError, ServiceRefusedError with the reason
 * @throws PeerUnreachableError, HandshakeError naming the service or the dealer where that cannot be reached in the session
 * @example
 * const model = await connect('tacit:1:…');
 * const { logits } = await model.run({ input: pixels });
 */
export async function connect(invite: string, options: ConnectOptions = {}): Promise<PrivateModel> {
  const open = webSocketOpener({});
  return withTensors(
    await RemoteModel.open(
      checkedInvite(invite, options),
      { open, primitives: nodePrimitives, transport: (group) => webSocketTransport({ ...group, open }) },
      options,
    ),
  );
}
