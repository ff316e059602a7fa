/** A peer, as far as doctor needs to know it. */
export interface PeerToCheck {
  readonly name: string;
  readonly role: 'party' | 'dealer';
  readonly address: string | undefined;
  /** Those of its certificates; two may overlap. */
  readonly fingerprints: readonly string[];
}
