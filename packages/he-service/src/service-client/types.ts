/** What the service says in JSON. */

/** Facts of a model that a client needs. */
export interface ModelInfo {
  readonly id: string;
  readonly name: string;
  /** Hex SHA-256 of the encryption parameters. */
  readonly parametersId: string;
  /** Names of the layers, in order. */
  readonly layers: readonly string[];
  /** Ciphertexts of one image, and the largest envelope of one. */
  readonly inputCiphertexts: number;
  readonly inputBytesMax: number;
  readonly outputCiphertexts: number;
  readonly outputBytesMax: number;
  readonly keyBytesMax: number;
  /** Images that one request may hold. */
  readonly imagesPerRequest: number;
  readonly clientArtefactBytes: number;
}

/** State of evaluation keys at the service. */
export interface KeyInfo {
  /** Hex SHA-256 of the envelope. */
  readonly id: string;
  readonly state: 'uploading' | 'stored';
  readonly bytes: number;
  readonly modelId: string;
  readonly parametersId: string;
  /** When the service forgets them if nobody uses them, ISO 8601. */
  readonly expiresAt: string;
  /** Bytes of every chunk but the last one. */
  readonly chunkBytes: number;
  readonly chunks: number;
  /** Numbers of the chunks that are there; all of them once stored. */
  readonly received: readonly number[];
}
