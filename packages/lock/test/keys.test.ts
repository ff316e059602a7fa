import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  decodeKey,
  encodeKey,
  inspectKey,
  type Json,
  type KeyKind,
  keyFormat,
  type LockKey,
  looksLikeKey,
  newKeyId,
  readKey,
  requireKeyOf,
  stageKey,
  weightsHash,
  writeKey,
} from '../src/index.js';
import { modelOf } from './helpers/models.js';

/** A kind of key for tests: some bytes. */
const BYTES: KeyKind<Uint8Array> = {
  kind: 'deep-lock',
  toJson: (body) => ({ bytes: Buffer.from(body).toString('hex') }),
  fromJson: (json) => {
    const { bytes } = json as { bytes?: Json };
    if (typeof bytes !== 'string') throw keyFormat('no bytes');
    return Buffer.from(bytes, 'hex');
  },
  toBytes: (body) => Uint8Array.from(body),
  fromBytes: (bytes) => Uint8Array.from(bytes),
};
const CHEAP = { n: 2, r: 1, p: 1 };
const model = { original: 'a'.repeat(64), locked: 'b'.repeat(64) };
const newKey = (): LockKey<Uint8Array> => ({
  kind: 'deep-lock',
  id: newKeyId(),
  model,
  body: randomBytes(24),
});
const FORMS = [
  { form: 'json' },
  { form: 'binary' },
  { form: 'json', passphrase: 'Süße Träume', scrypt: CHEAP },
  { form: 'binary', passphrase: 'Süße Träume', scrypt: CHEAP },
] as const;

/** The code and message of what is refused. */
async function refusal(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
}

describe('keys', () => {
  it('come back from every form of their files', async () => {
    for (const options of FORMS)
      for (const wanted of [
        newKey(),
        { ...newKey(), model: undefined },
        { ...newKey(), body: new Uint8Array(0) },
      ]) {
        const file = await encodeKey(BYTES, wanted, options);
        expect(looksLikeKey(file)).equal(true);
        const { passphrase } = options as { passphrase?: string };
        const found = await decodeKey(BYTES, file, { passphrase });
        expect({ ...found, body: Buffer.from(found.body).toString('hex') }).deep.equal({
          ...JSON.parse(JSON.stringify({ ...wanted, body: undefined })),
          body: Buffer.from(wanted.body).toString('hex'),
        });
        const { kind, id, form, sealed } = inspectKey(file);
        expect({ kind, id, form, sealed }).deep.equal({
          kind: 'deep-lock',
          id: wanted.id,
          form: options.form,
          sealed: 'passphrase' in options,
        });
        // A sealed file holds nothing of its body.
        if ('passphrase' in options && wanted.body.length > 0) {
          const text = Buffer.from(file).toString('latin1');
          for (const encoding of ['hex', 'base64', 'latin1'] as const)
            expect(text).not.contain(Buffer.from(wanted.body).toString(encoding).slice(0, 16));
        }
      }
  });

  it('take a passphrase in any normal form, only if they are sealed, and no other', async () => {
    const sealed = await encodeKey(BYTES, newKey(), FORMS[3]);
    await decodeKey(BYTES, sealed, { passphrase: async () => 'Süße Träume'.normalize('NFD') });
    for (const passphrase of ['süße Träume', 'x', '', undefined])
      expect(await refusal(() => decodeKey(BYTES, sealed, { passphrase }))).match(/^LOCK_KEY_PASSPHRASE /);
    const open = await encodeKey(BYTES, newKey(), FORMS[0]);
    const passphrase = (): string => {
      throw new Error('asked for a passphrase of an open key');
    };
    await decodeKey(BYTES, open, { passphrase });
    expect(await refusal(() => encodeKey(BYTES, newKey(), { passphrase: '' }))).match(/^ARGUMENT /);
  });

  it('are refused where any byte of their files was changed, or is missing', async () => {
    for (const options of FORMS) {
      const file = await encodeKey(BYTES, newKey(), options);
      const { passphrase } = options as { passphrase?: string };
      const whole = JSON.stringify(await decodeKey(BYTES, file, { passphrase }));
      for (let i = 0; i < file.length; i++) {
        for (const bad of [file.subarray(0, i), file.map((byte, at) => (at === i ? byte ^ 1 : byte))]) {
          const found = await refusal(async () => {
            // White space of JSON may change: the key is the same then.
            expect(JSON.stringify(await decodeKey(BYTES, bad, { passphrase }))).equal(whole);
          });
          expect(found, `${i}`).match(
            options.form === 'json'
              ? /^(LOCK_KEY_(FORMAT|PASSPHRASE|MODEL) |nothing)/
              : /^LOCK_KEY_(FORMAT|PASSPHRASE|MODEL) /,
          );
        }
      }
    }
  });

  it('are refused where they were edited by hand', async () => {
    const open = JSON.parse(Buffer.from(await encodeKey(BYTES, newKey(), FORMS[0])).toString('utf8'));
    const sealed = JSON.parse(Buffer.from(await encodeKey(BYTES, newKey(), FORMS[2])).toString('utf8'));
    const cases: [RegExp, object][] = [
      [/edited or damaged/, { ...open, body: { bytes: '00' } }],
      [/edited or damaged/, { ...open, id: newKeyId() }],
      [/edited or damaged/, { ...open, model: { ...model, locked: model.original } }],
      [/edited or damaged/, { ...open, extra: 1 }],
      [/version 2, and this release reads version 1/, { ...open, version: 2 }],
      [/format/, { ...open, format: 'other' }],
      [/no body/, { ...open, body: undefined }],
      [/sealed and open/, { ...sealed, body: 1 }],
      [/512/, { ...sealed, sealed: { ...sealed.sealed, n: 2 ** 24 } }],
      [/512/, { ...sealed, sealed: { ...sealed.sealed, r: 2 ** 30 } }],
      [/p is at most 4/, { ...sealed, sealed: { ...sealed.sealed, p: 1e6 } }],
      [/power of two/, { ...sealed, sealed: { ...sealed.sealed, n: 3 } }],
      [/power of two/, { ...sealed, sealed: { ...sealed.sealed, n: 2 ** 40 } }],
      [/whole numbers/, { ...sealed, sealed: { ...sealed.sealed, n: 'many' } }],
      [/salt/, { ...sealed, sealed: { ...sealed.sealed, salt: '' } }],
      [/nonce/, { ...sealed, sealed: { ...sealed.sealed, nonce: 7 } }],
      [/sealed in a way/, { ...sealed, sealed: { ...sealed.sealed, kdf: 'md5' } }],
      [/sealed in no known way/, { ...sealed, sealed: 5 }],
      [/base64/, { ...sealed, data: '*' }],
      [/cut off/, { ...sealed, data: 'AA==' }],
      [/wrong, or the file was changed/, { ...sealed, id: newKeyId() }],
      [/wrong, or the file was changed/, { ...sealed, model: undefined }],
    ];
    for (const [pattern, json] of cases) {
      const file = Buffer.from(JSON.stringify(json));
      const found = await refusal(() => decodeKey(BYTES, file, { passphrase: 'Süße Träume' }));
      expect(found)
        .match(pattern)
        .match(/^LOCK_KEY_(FORMAT|PASSPHRASE) /);
    }
    const deep = Buffer.from(
      `{"format":"tacit-lock-key","version":1,"body":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    );
    for (const garbage of [
      '',
      '{',
      '[]',
      '5',
      'null',
      '{}',
      'TACITKEY',
      'TACITKEY\xff\xff\xff\xff{}',
      deep,
    ]) {
      const file = Buffer.from(garbage as string, 'latin1');
      expect(await refusal(() => decodeKey(BYTES, file))).match(/^LOCK_KEY_FORMAT /);
      expect(await refusal(() => inspectKey(file))).match(/^LOCK_KEY_FORMAT /);
    }
  });

  it('are of one kind and of one model', async () => {
    const file = modelOf([{ name: 'w', dataType: 3, shape: [1], bytes: Uint8Array.of(1) }]);
    const other = modelOf([{ name: 'w', dataType: 3, shape: [1], bytes: Uint8Array.of(2) }]);
    const third = modelOf([{ name: 'v', dataType: 3, shape: [1], bytes: Uint8Array.of(2) }]);
    const key = { ...newKey(), model: { original: weightsHash(other), locked: weightsHash(file) } };
    expect(requireKeyOf(key, 'deep-lock', file)).equal(key.model);
    expect(await refusal(() => requireKeyOf(key, 'deep-lock', other))).match(/^LOCK_KEY_MODEL .*not locked/);
    expect(await refusal(() => requireKeyOf(key, 'deep-lock', third))).match(
      /^LOCK_KEY_MODEL .*another model/,
    );
    expect(await refusal(() => requireKeyOf(key, 'adv-params', file))).match(/^LOCK_KEY_MODEL .*deep-lock/);
    const bare = { ...key, model: undefined };
    expect(await refusal(() => requireKeyOf(bare, 'deep-lock', file))).match(
      /^LOCK_KEY_MODEL .*not for a model/,
    );
    const bytes = await encodeKey(BYTES, key);
    expect(await refusal(() => decodeKey({ ...BYTES, kind: 'transform' }, bytes))).match(/^LOCK_KEY_MODEL /);
  });

  describe('as files', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'tacit-lock-'));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it('are private, complete, and never take the place of another', async () => {
      const path = join(folder, 'key');
      const key = newKey();
      await writeKey(path, BYTES, key, { form: 'binary' });
      if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).equal(0o600);
      expect((await readKey(path, BYTES)).id).equal(key.id);
      const before = readFileSync(path);
      expect(await refusal(() => writeKey(path, BYTES, newKey()))).match(/^LOCK_KEY_EXISTS /);
      expect(readFileSync(path).equals(before)).equal(true);
      await writeKey(path, BYTES, newKey(), { force: true });
      expect(readFileSync(path).equals(before)).equal(false);
      expect(readdirSync(folder)).deep.equal(['key']);
      expect(await refusal(() => writeKey(join(folder, 'no', 'key'), BYTES, key))).match(
        /^FILE_NOT_WRITABLE /,
      );
      expect(await refusal(() => readKey(join(folder, 'none'), BYTES))).match(/^FILE_NOT_FOUND /);
    });

    it('give way to a file that comes while they are made', async () => {
      const path = join(folder, 'key');
      const staged = await stageKey(path, BYTES, newKey());
      writeFileSync(path, 'somebody was faster');
      expect(await refusal(() => staged.commit())).match(/^LOCK_KEY_EXISTS /);
      expect(readFileSync(path, 'utf8')).equal('somebody was faster');
      expect(readdirSync(folder)).deep.equal(['key']);
    });
  });
});
