/** The dealer half of a protocol, as the registry sees it. */
import type { ProtocolConfig } from '../runtime/config.js';
import type { Layout } from '../runtime/layout.js';
import type { Descriptor } from '../runtime/transcript.js';
import type { DealerOp } from './dealer-op.js';
import type { RequestFields } from './request-fields.js';

export interface DealerHalf<D extends Descriptor = Descriptor> {
  readonly kind: string;
  /** Whether the operation is cut into chunks. */
  readonly elementwise: boolean;
  /** Throws DealerRequestError unless every field that layout and deal use makes sense. */
  check(request: RequestFields): void;
  /** The random fields, the same as in the party half. */
  layout(descriptor: D, config: ProtocolConfig, parties: number): Layout;
  /** Computes one chunk's dealt fields from the free ones. */
  deal(op: DealerOp, descriptor: D, config: ProtocolConfig): void;
}

/** A dealer half of any operation: the registry hands it only descriptors of its own kind. */
export interface AnyDealerHalf {
  readonly kind: string;
  readonly elementwise: boolean;
  check(request: RequestFields): void;
  layout(descriptor: never, config: ProtocolConfig, parties: number): Layout;
  deal(op: DealerOp, descriptor: never, config: ProtocolConfig): void;
}
