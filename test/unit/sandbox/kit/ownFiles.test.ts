import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { folderProblem } from '../../../../src/sandbox/kit/ownFiles.ts';

const USER = 4711;

describe('a folder to keep state in', function () {
  const { getuid, getgid } = process;
  let folder: string;
  beforeEach(function () {
    if (getuid?.() !== 0) this.skip();
    folder = mkdtempSync(path.join(tmpdir(), 'own-'));
    Object.assign(process, { getuid: () => USER, getgid: () => USER });
  });
  afterEach(() => {
    Object.assign(process, { getuid, getgid });
    rmSync(folder, { recursive: true });
  });

  it('may be open to the group that is its owner alone, as under umask 002', () => {
    chownSync(folder, USER, USER);
    chmodSync(folder, 0o775);
    assert.equal(folderProblem(folder), undefined);
    chmodSync(folder, 0o777);
    assert.equal(folderProblem(folder), 'others may write to it');
  });

  it('may not be open to another group, nor belong to another user', () => {
    chownSync(folder, USER, USER + 1);
    chmodSync(folder, 0o775);
    assert.equal(folderProblem(folder), 'others may write to it');
    chownSync(folder, USER + 1, USER);
    assert.equal(folderProblem(folder), 'it belongs to another user');
  });
});
