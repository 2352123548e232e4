import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  checkFile,
  firstLineOf,
  limitOf,
  linesOf,
  openToRead,
  readFileBounded,
  readStream,
} from '../../../src/core/bounded.ts';
import { english } from '../../../src/core/wording.ts';

/** The sentence that ended the reading. */
async function why(reading: Promise<unknown>): Promise<string> {
  try {
    await reading;
  } catch (error) {
    const limit = limitOf(error);
    if (limit === undefined) throw error;
    return english(limit);
  }
  return assert.fail('It was read.');
}

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

/** Never ends, and counts how much of it was asked for. */
function endless(piece = 'x'.repeat(65_536)) {
  const seen = { pieces: 0 };
  const stream = new Readable({
    read() {
      seen.pieces += 1;
      this.push(piece);
    },
  });
  return { stream, seen };
}

describe('Bounded reading', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bounded-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('gives a file, and one that is as large as it may be', async () => {
    const file = join(folder, 'a');
    await writeFile(file, 'hello');
    assert.equal((await readFileBounded(file, { mostBytes: 5 })).toString(), 'hello');
    assert.equal(await why(readFileBounded(file, { mostBytes: 4 })), 'it is larger than 0.00390625 KB');
    await assert.rejects(readFileBounded(join(folder, 'none'), { mostBytes: 4 }), { code: 'ENOENT' });
  });

  it('refuses a folder and a device before it reads', async () => {
    const devices = process.platform === 'win32' ? [] : ['/dev/zero', '/dev/null'];
    for (const path of [folder, ...devices]) {
      assert.equal(await why(readFileBounded(path, { mostBytes: 10 })), 'it is not a regular file');
      assert.equal(await why(checkFile(path, 10)), 'it is not a regular file');
      assert.equal(await why(openToRead(path)), 'it is not a regular file');
    }
  });

  it('ends a stream that does not end', async () => {
    const { stream, seen } = endless();
    assert.equal(await why(readStream(stream, { mostBytes: 2 ** 20 })), 'it is larger than 1 MB');
    assert.ok(seen.pieces < 25);
    assert.ok(stream.destroyed);
  });

  it('ends a line that does not end, with its number', async () => {
    const { stream } = endless();
    const lines = linesOf(
      Readable.from(
        (async function* () {
          await Promise.resolve();
          yield Buffer.from('a\nb\r\n');
          yield* stream as AsyncIterable<Buffer>;
        })(),
      ),
      { mostBytes: 2 ** 20 },
    );
    const found: string[] = [];
    const reading = (async () => {
      for await (const line of lines) found.push(line);
    })();
    assert.equal(await why(reading), 'line 3 is longer than 1 MB');
    assert.deepEqual(found, ['a', 'b']);
  });

  it('gives lines however they come', async () => {
    for (const pieces of [['a\nb\n'], ['a', '\n', 'b\n'], ['a\r', '\nb'], ['a\nb']])
      assert.deepEqual(
        await all(linesOf(Readable.from(pieces.map((it) => Buffer.from(it))), { mostBytes: 2 })),
        ['a', 'b'],
      );
    assert.deepEqual(await all(linesOf(Readable.from([Buffer.from('\n\nä')]), { mostBytes: 9 })), [
      '',
      '',
      'ä',
    ]);
  });

  it('gives the first line and reads no further', async () => {
    const { stream, seen } = endless('secret\n');
    assert.equal(await firstLineOf(stream, { mostBytes: 100 }), 'secret');
    assert.ok(seen.pieces < 20_000);
    assert.ok(stream.destroyed);
  });

  it('waits for no more than it may, and not while its reader is busy', async () => {
    const silent = new Readable({ read: () => undefined });
    assert.equal(await why(readStream(silent, { mostBytes: 9, timeoutMs: 20 })), 'no response in time');
  });

  it('ends when it is cancelled', async () => {
    const silent = new Readable({ read: () => undefined });
    const controller = new AbortController();
    const reading = readStream(silent, { mostBytes: 9, signal: controller.signal });
    controller.abort();
    await assert.rejects(reading, { code: 'CANCELLED' });
  });
});
