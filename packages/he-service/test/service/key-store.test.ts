import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from '@tacit/testing/random';
import { expect } from 'chai';
import {
  chunkCount,
  chunkSize,
  KeyStore,
  type KeyStoreLimits,
} from '../../src/service/key-store/key-store.js';
import { errorOf, temporaryFolder } from './helpers.js';
import { idOf } from './test-envelopes.js';

const limits: KeyStoreLimits = {
  keyTtlMs: 1000,
  uploadTtlMs: 1000,
  keyBytesPerTenant: 1000,
  keysPerTenant: 3,
  keyBytesTotal: 10_000,
  uploadsPerTenant: 2,
  chunkBytes: 64,
};

describe('store of evaluation keys', () => {
  const { path: folder, remove } = temporaryFolder();
  const gone: string[] = [];
  let now = 1_000_000;
  const open = () =>
    KeyStore.open({
      folder,
      limits,
      now: () => now,
      onGone: (entry) => gone.push(entry.id),
      onTrouble: (error) => expect.fail(error.message),
    });
  const facts = (bytes: Uint8Array, tenant = 'alice') => ({
    tenant,
    id: idOf(bytes),
    bytes: bytes.length,
    modelId: 'model',
    parametersId: 'parameters',
  });
  const good = async () => {};

  async function put(store: KeyStore, bytes: Uint8Array, tenant?: string) {
    const entry = await store.begin(facts(bytes, tenant));
    for (let n = 0; n < chunkCount(entry); n++)
      await store.writeChunk(entry, n, bytes.subarray(n * 64, n * 64 + chunkSize(entry, n)));
    return store.complete(entry, good, () => true);
  }
  after(remove);

  it('keeps whole keys and whole chunks over a crash, and cleans up the rest', async () => {
    const keys = randomBytes(200);
    const half = randomBytes(200);
    const store = await open();
    await put(store, keys);
    const upload = await store.begin(facts(half));
    await store.writeChunk(upload, 1, half.subarray(64, 128));
    // No close: as after a crash. What a crash leaves half done:
    const tenant = readdirSync(join(folder, 'keys'))[0] ?? '';
    writeFileSync(join(folder, 'keys', tenant, `${'2'.repeat(64)}.key`), 'bytes without facts');
    writeFileSync(join(folder, 'keys', tenant, `${'3'.repeat(64)}.json`), '{"facts":"of nobody"}');
    writeFileSync(join(folder, 'keys', tenant, 'x.draft'), 'a draft');
    writeFileSync(join(folder, 'uploads', tenant, upload.id, '0.chunk'), 'half a chunk');
    mkdirSync(join(folder, 'uploads', tenant, '4'.repeat(64)));

    const again = await open();
    expect(readdirSync(join(folder, 'keys', tenant))).to.have.members([
      `${idOf(keys)}.key`,
      `${idOf(keys)}.json`,
    ]);
    expect(readdirSync(join(folder, 'uploads', tenant))).to.deep.equal([upload.id]);
    expect(again.stats()).to.deep.equal({ stored: 1, uploading: 1, bytes: 400 });
    const found = again.use('alice', idOf(keys));
    expect(await readFile(again.path(found))).to.deep.equal(keys);
    again.release(found);
    expect([...again.find('alice', upload.id).received]).to.deep.equal([1]);
    await again.remove(again.find('alice', upload.id));
    await again.close();
    await store.close();
  });

  it('remembers the last use over a restart', async () => {
    const keys = randomBytes(100);
    const first = await open();
    await put(first, keys, 'bob');
    now += 900;
    first.release(first.use('bob', idOf(keys)));
    await first.close();
    now += 900;
    const second = await open();
    expect(second.find('bob', idOf(keys)).state).to.equal('stored');
    await second.close();
    now += 200;
    const third = await open();
    expect(() => third.find('bob', idOf(keys)))
      .to.throw()
      .with.property('code', 'KEY_EXPIRED');
    await third.close();
    expect(gone).to.include(idOf(keys));
  });

  it('keeps no bytes of an upload that was deleted while they came', async () => {
    const bytes = randomBytes(200);
    const files = () =>
      readdirSync(folder, { recursive: true }).filter((name) => String(name).includes(idOf(bytes)));
    const store = await open();
    const late = await store.begin(facts(bytes));
    await store.remove(late);
    expect(await errorOf(store.writeChunk(late, 0, bytes.subarray(0, 64)))).to.include({
      code: 'KEY_NOT_FOUND',
    });
    const racing = await store.begin(facts(bytes));
    const writes = [0, 1, 2].map((n) => store.writeChunk(racing, n, bytes.subarray(n * 64, n * 64 + 64)));
    await store.remove(racing);
    await Promise.allSettled(writes);
    expect(files()).to.deep.equal([]);
    const own = await put(store, bytes);
    expect(own.state).to.equal('stored');
    await store.remove(own);
    await store.close();
  });

  it('neither evicts nor forgets keys in use', async () => {
    const store = await open();
    const all = Array.from({ length: 3 }, () => randomBytes(100));
    for (const keys of all) await put(store, keys, 'carol');
    const [used] = all.map((keys) => store.use('carol', idOf(keys)));
    if (!used) throw new Error('no keys');
    for (const keys of all.slice(1)) store.release(store.find('carol', idOf(keys)));
    await put(store, randomBytes(100), 'carol');
    expect(store.find('carol', used.id)).to.equal(used);
    now += 2000;
    store.sweep();
    expect(store.find('carol', used.id)).to.equal(used);
    store.release(used);
    expect(() => store.find('carol', used.id))
      .to.throw()
      .with.property('code', 'KEY_EXPIRED');
    await store.close();
  });

  it('keeps an upload where its check fails for no fault of its own', async () => {
    const store = await open();
    const keys = randomBytes(130);
    const entry = await store.begin(facts(keys, 'dave'));
    for (let n = 0; n < 3; n++) await store.writeChunk(entry, n, keys.subarray(n * 64, n * 64 + 64));
    const busy = async () => {
      throw new Error('busy');
    };
    expect((await errorOf(store.complete(entry, busy, () => true))).message).to.equal('busy');
    // Two at once are one.
    const [a, b] = await Promise.all([
      store.complete(entry, good, () => true),
      store.complete(entry, good, () => true),
    ]);
    expect(a).to.equal(b);
    expect(a.state).to.equal('stored');

    const bad = randomBytes(64);
    const refused = await store.begin(facts(bad, 'dave'));
    await store.writeChunk(refused, 0, bad);
    expect((await errorOf(store.complete(refused, busy, () => false))).message).to.equal('busy');
    expect(() => store.find('dave', refused.id))
      .to.throw()
      .with.property('code', 'KEY_NOT_FOUND');
    // Deleted while it is completed: gone, without a trace.
    const third = await store.begin(facts(bad, 'dave'));
    await store.writeChunk(third, 0, bad);
    const deletion = async () => void store.remove(third);
    expect(await errorOf(store.complete(third, deletion, () => true))).to.include({ code: 'KEY_NOT_FOUND' });
    await store.close();
    const reopened = await open();
    expect(() => reopened.find('dave', third.id))
      .to.throw()
      .with.property('code', 'KEY_NOT_FOUND');
    await reopened.close();
  });
});
