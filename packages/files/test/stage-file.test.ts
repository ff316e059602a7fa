import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FileError, stageFile } from '../src/index.js';

describe('staged files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tacit-files-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('take the place of a file, or of nothing where they are exclusive', () => {
    const path = join(folder, 'file');
    const bytes = Buffer.from('new');
    stageFile(path, bytes, { exclusive: true, mode: 0o600 }).commit();
    expect(readFileSync(path, 'utf8')).equal('new');
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).equal(0o600);
    writeFileSync(path, 'old');
    expect(() => stageFile(path, bytes, { exclusive: true }).commit()).throws(
      FileError,
      /of that name already/,
    );
    expect(readFileSync(path, 'utf8')).equal('old');
    stageFile(path, bytes).commit();
    expect(readFileSync(path, 'utf8')).equal('new');
    stageFile(path, Buffer.from('other'), { exclusive: true }).discard();
    expect(readdirSync(folder)).deep.equal(['file']);
  });
});
