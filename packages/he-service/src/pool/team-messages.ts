/** What a team and its helpers say to each other. */
import type { Share } from '@tacit/he';

export interface TeamSetup {
  readonly server: Uint8Array;
  readonly share: Share;
}

export type ToHelper =
  | {
      readonly type: 'keys';
      readonly call: number;
      readonly id: string;
      readonly envelope: SharedArrayBuffer;
    }
  | { readonly type: 'drop'; readonly id: string }
  | {
      readonly type: 'transform';
      readonly call: number;
      readonly id: string;
      readonly stage: number;
      /** SEAL's bytes of the prepared inputs. */
      readonly inputs: readonly Uint8Array[];
    };

export type FromHelper =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly call: number; readonly outputs: readonly Uint8Array[] }
  | { readonly type: 'failed'; readonly call: number; readonly message: string };
