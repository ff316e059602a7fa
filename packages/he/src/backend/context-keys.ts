/** Keys: made, saved, loaded, expanded. */
import { HeArgumentError } from '../errors.js';
import { ContextCore } from './context-core.js';
import type { NativeObject } from './handles.js';
import type { GaloisKeys, PublicKey, RelinearizationKey, SecretKey } from './library.js';
import { checkResidues } from './residues.js';
import {
  type CiphertextLayout,
  type KeyLayout,
  PLAINTEXT_HEADER_BYTES,
  readPlaintext,
  readPublicKey,
  readSwitchingKey,
} from './seal-format.js';
import { SealGaloisKeys, SealPublicKey, SealRelinearizationKey, SealSecretKey } from './seal-handles.js';
import type { Seal } from './seal-module.js';
import { writeSwitchingKey } from './seal-writer.js';

export abstract class ContextKeys extends ContextCore {
  generateSecretKey(): SecretKey {
    const native = this.call('generateSecretKey', () => {
      const generator = this.seal.KeyGenerator(this.native.context);
      try {
        return generator.secretKey();
      } finally {
        generator.delete();
      }
    });
    return this.secretKeyOf(native);
  }

  saveSecretKey(key: SecretKey): Uint8Array {
    const { native } = this.own(key, SealSecretKey);
    return this.call('saveSecretKey', () => native.saveArray(this.uncompressed));
  }

  loadSecretKey(bytes: Uint8Array): SecretKey {
    const layout = readPlaintext(bytes, this.shape, 'secret key');
    this.checkId(layout.parametersId, 0, 'secret key');
    for (const [at, modulus] of this.moduli.entries())
      checkResidues(
        bytes,
        PLAINTEXT_HEADER_BYTES + at * this.ringDegree * 8,
        this.ringDegree,
        modulus,
        'secret key',
      );
    return this.secretKeyOf(this.load('loadSecretKey', this.seal.SecretKey(), bytes));
  }

  generatePublicKey(secret: SecretKey): Uint8Array {
    const generator = this.generatorOf(secret);
    return this.call('generatePublicKey', () => this.take(generator.createPublicKeySerializable()));
  }

  loadPublicKey(bytes: Uint8Array): PublicKey {
    this.checkDigit(bytes, readPublicKey(bytes, this.shape), 'public key');
    const native = this.load('loadPublicKey', this.seal.PublicKey(), bytes);
    const dependents: NativeObject[] = [];
    const encryptor = lazily(dependents, () => this.seal.Encryptor(this.native.context, native));
    return new SealPublicKey(this.pool, native, encryptor, dependents);
  }

  generateRelinearizationKey(secret: SecretKey): Uint8Array {
    this.checkKeySwitching();
    const generator = this.generatorOf(secret);
    return this.call('generateRelinearizationKey', () => this.take(generator.createRelinKeysSerializable()));
  }

  loadRelinearizationKey(bytes: Uint8Array): RelinearizationKey {
    this.checkSwitchingKey(bytes, 'relinearization key');
    const native = this.load('loadRelinearizationKey', this.seal.RelinKeys(), bytes);
    return new SealRelinearizationKey(this.pool, native);
  }

  generateGaloisKeys(secret: SecretKey, steps: readonly number[]): Uint8Array {
    this.checkKeySwitching();
    if (steps.length === 0) throw new HeArgumentError('Galois keys are made for at least one step');
    const generator = this.generatorOf(secret);
    const entries = new Map<number, Uint8Array[]>();
    // One step at a time: native memory never shrinks, and all keys at once may be a hundred megabytes of it.
    for (const step of new Set(steps)) {
      this.checkStep(step);
      const bytes = this.call('generateGaloisKeys', () =>
        this.take(generator.createGaloisKeysSerializable(Int32Array.of(step))),
      );
      for (const { index, digits } of readSwitchingKey(bytes, this.shape, 'Galois keys').entries)
        entries.set(
          index,
          digits.map(({ start, end }) => bytes.subarray(start, end)),
        );
    }
    return writeSwitchingKey(this.native.ids[0].bytes, this.ringDegree, entries);
  }

  loadGaloisKeys(bytes: Uint8Array): GaloisKeys {
    const { entries } = this.checkSwitchingKey(bytes, 'Galois keys');
    const native = this.load('loadGaloisKeys', this.seal.GaloisKeys(), bytes);
    return new SealGaloisKeys(this.pool, native, this.ringDegree, new Set(entries.map(({ index }) => index)));
  }

  expandRelinearizationKey(bytes: Uint8Array): Uint8Array {
    return this.expandKey(bytes, 'relinearization key');
  }

  expandGaloisKeys(bytes: Uint8Array): Uint8Array {
    return this.expandKey(bytes, 'Galois keys');
  }

  private expandKey(bytes: Uint8Array, kind: 'relinearization key' | 'Galois keys'): Uint8Array {
    const { parametersId, entries, entryCount } = this.checkSwitchingKey(bytes, kind);
    const expanded = new Map<number, Uint8Array[]>();
    for (const { index, digits } of entries)
      expanded.set(
        index,
        digits.map((digit) => this.expandDigit(bytes.subarray(digit.start, digit.end), digit.seeded)),
      );
    return writeSwitchingKey(parametersId, entryCount, expanded);
  }

  /** Digits of keys are public keys by themselves. */
  private expandDigit(bytes: Uint8Array, seeded: boolean): Uint8Array {
    if (!seeded) return bytes;
    const native = this.load('expand key', this.seal.PublicKey(), bytes);
    try {
      return this.call('expand key', () => native.saveArray(this.uncompressed));
    } finally {
      native.delete();
    }
  }

  private checkSwitchingKey(bytes: Uint8Array, kind: 'relinearization key' | 'Galois keys'): KeyLayout {
    this.checkKeySwitching();
    const layout = readSwitchingKey(bytes, this.shape, kind);
    this.checkId(layout.parametersId, 0, kind);
    for (const { digits } of layout.entries) for (const digit of digits) this.checkDigit(bytes, digit, kind);
    return layout;
  }

  private checkDigit(bytes: Uint8Array, digit: CiphertextLayout, kind: string): void {
    this.checkId(digit.parametersId, 0, kind);
    for (const { offset, modulus } of digit.blocks)
      checkResidues(bytes, offset, this.ringDegree, this.moduli[modulus], kind);
  }

  private generatorOf(secret: SecretKey) {
    const { native: _alive, tools } = this.own(secret, SealSecretKey);
    return this.call('key generator', tools.generator);
  }

  private secretKeyOf(native: ReturnType<Seal['SecretKey']>): SealSecretKey {
    const { seal } = this;
    const { context } = this.native;
    const dependents: NativeObject[] = [];
    const generator = lazily(dependents, () => seal.KeyGenerator(context, native));
    const decryptor = lazily(dependents, () => seal.Decryptor(context, native));
    // The library's encryptor wants a public key even where it only uses the secret one.
    const encryptor = lazily(dependents, () => {
      const publicKey = generator().createPublicKey();
      try {
        return seal.Encryptor(context, publicKey, native);
      } finally {
        publicKey.delete();
      }
    });
    return new SealSecretKey(this.pool, native, { generator, decryptor, encryptor }, dependents);
  }
}

/** `make` on the first call; what it made is freed with its owner. */
function lazily<N extends NativeObject>(dependents: NativeObject[], make: () => N): () => N {
  let made: N | undefined;
  return () => {
    if (made === undefined) {
      made = make();
      dependents.push(made);
    }
    return made;
  };
}
