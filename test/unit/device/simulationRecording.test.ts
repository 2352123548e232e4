import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRecording, readRecording, replayRecording } from '../../../src/device/client/recording.ts';
import type { AcknowledgedMessage } from '../../../src/protocol/simulation.ts';

const message = (serial: number, time = 1000 * serial): AcknowledgedMessage => ({
  vin: 'V',
  serial,
  topic: 'dt/cvra/V/cardata',
  type: 'sample',
  time,
  ackMs: 5,
  place: { latitude: 48, longitude: 11, heading: 90, speed: 10, odometer: 1000, fuel: 40 },
  payload: `{"MessageId":"V#${serial}"}`,
});

describe('A recording', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'recording-'));
    file = join(folder, 'run.jsonl');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const OF = { generation: 'cdf' };

  async function read(): Promise<AcknowledgedMessage[]> {
    const messages = [];
    for await (const it of readRecording(file)) messages.push(it);
    return messages;
  }

  it('gives back what was recorded, for its owner only', async () => {
    const recording = await openRecording(file, OF);
    const messages = [message(1), message(2), { ...message(3), payload: undefined }].map((it) => {
      const { payload, ...rest } = it;
      return payload === undefined ? rest : { ...rest, payload };
    });
    recording.add(messages.slice(0, 2));
    recording.add(messages.slice(2));
    await recording.close();
    assert.deepEqual([recording.written, recording.missed], [3, 0]);
    assert.deepEqual(await read(), messages);
    if (process.platform !== 'win32') assert.equal((await stat(file)).mode & 0o777, 0o600);
    const [line] = (await readFile(file, 'utf8')).split('\n');
    assert.deepEqual((JSON.parse(line!) as { payload: unknown }).payload, { MessageId: 'V#1' });
  });

  it('keeps a payload that is no JSON object, and names the generation in every line', async () => {
    const recording = await openRecording(file, OF);
    const messages = [
      { ...message(1), payload: 'H4sA', encoding: 'base64' as const },
      { ...message(2), payload: 'H4sA=' },
      { ...message(3), payload: '{"a":\n1}' },
    ];
    recording.add(messages);
    await recording.close();
    assert.deepEqual(await read(), messages);
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { generation: string }).generation),
      ['cdf', 'cdf', 'cdf'],
    );
  });

  it('cannot begin where there is no folder, or a folder', async () => {
    await assert.rejects(openRecording(join(folder, 'none', 'run.jsonl'), OF), {
      code: 'RECORDING_FAILED',
      message: /no such file or folder/,
    });
    await assert.rejects(openRecording(folder, OF), { code: 'RECORDING_FAILED', message: /is a folder/ });
  });

  it('holds no more than it may in memory, and counts what it leaves out', async () => {
    const recording = await openRecording(file, OF);
    const large = { ...message(1), payload: JSON.stringify({ text: 'x'.repeat(100_000) }) };
    // Nothing is written while this goes on without a pause: all of it waits.
    for (let i = 0; i < 400; i++) recording.add([large]);
    assert.ok(recording.missed > 200);
    assert.match(recording.problem!.message, /too slow to keep up/);
    await recording.close();
    assert.equal(recording.written + recording.missed, 400);
  });

  it('counts what it was never given, and goes on with the rest', async () => {
    const recording = await openRecording(file, OF);
    recording.add([message(1)], 3);
    assert.match(recording.problem!.message, /more messages than can be read/);
    recording.add([message(5)]);
    await recording.close();
    assert.deepEqual([recording.written, recording.missed], [2, 3]);
    assert.deepEqual(
      (await read()).map(({ serial }) => serial),
      [1, 5],
    );
  });

  it('calls its messages the same whatever their CMS does, and those of an older one are read as that', async () => {
    const recording = await openRecording(file, OF);
    recording.add([message(1), { ...message(2), type: 'trouble', code: 'P0217' }]);
    await recording.close();
    const text = await readFile(file, 'utf8');
    assert.deepEqual(
      text.match(/"type":"\w+"/g),
      ['"type":"sample"', '"type":"trouble"'],
      'the names of any generation',
    );
    const older = ['cardata', 'dtc', 'event', 'trip'].map((type) => JSON.stringify({ ...message(1), type }));
    await writeFile(file, older.join('\n'));
    assert.deepEqual(
      (await read()).map(({ type }) => type),
      ['sample', 'trouble', 'event', 'trip'],
    );
    await writeFile(file, JSON.stringify({ ...message(1), type: 'blob' }));
    await assert.rejects(read(), { code: 'RECORDING_FAILED' });
  });

  it('that is damaged names the line', async () => {
    for (const bad of ['{', '7', '{"vin":"V"}', 'x'.repeat(600_000)]) {
      await writeFile(file, `${JSON.stringify(message(1)).replace(/,"payload":.*/, '}')}\n\n${bad}\n`);
      await assert.rejects(read(), {
        code: 'RECORDING_FAILED',
        message: /line 3 is not a line of a recording/,
      });
    }
  });

  it('that is missing, or a folder, says so', async () => {
    await assert.rejects(read(), { code: 'RECORDING_FAILED', message: /no such file/ });
    file = folder;
    await assert.rejects(read(), { code: 'RECORDING_FAILED', message: /is a folder/ });
  });

  it('is replayed at its own pace, faster or slower, without waiting out long gaps', async () => {
    const recording = await openRecording(file, OF);
    recording.add([message(1), message(2), message(2, 2000), message(4), message(5, 3_600_000)]);
    await recording.close();
    let now = 0;
    const clock = {
      now: () => now,
      sleep: (ms: number) => {
        now += ms;
        return Promise.resolve();
      },
    };
    const told: number[] = [];
    await replayRecording(file, { speed: 2, clock, signal: new AbortController().signal }, () =>
      told.push(now),
    );
    assert.deepEqual(told, [0, 500, 500, 1500, 6500]);
    const cancelled = replayRecording(
      file,
      { speed: 2, clock, signal: AbortSignal.abort() },
      () => undefined,
    );
    await assert.rejects(cancelled, { code: 'CANCELLED' });
  });
});
