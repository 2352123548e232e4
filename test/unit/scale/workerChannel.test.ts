import assert from 'node:assert/strict';
import type { Connection } from '../../../src/aws/connection.ts';
import { CmsError } from '../../../src/core/errors.ts';
import { l10n } from '../../../src/core/message.ts';
import { clockOf } from '../../../src/core/timers.ts';
import { attemptTopic, clientIdOf } from '../../../src/scale/channelMessages.ts';
import { openWorkerChannel } from '../../../src/scale/workerChannel.ts';
import { createFakeRunChannel } from '../../support/runChannel.ts';
import { createFakeTimers } from '../device/simulationWorld.ts';

const RUN = 'run-1';

async function setUp() {
  const timers = createFakeTimers();
  const channel = createFakeRunChannel();
  const said: string[] = [];
  const pass = async (ms: number): Promise<void> => {
    for (let gone = 0; gone < ms; gone += 500) {
      await timers.advance(500);
      await new Promise(setImmediate);
    }
  };
  const opened = openWorkerChannel(
    {} as Connection,
    { run: RUN, shard: 1, attempt: 1 },
    { control: () => undefined, replaced: () => said.push('replaced'), offline: () => said.push('offline') },
    { signal: new AbortController().signal, clock: clockOf(timers), random: () => 0.5 },
    channel.open,
  );
  await pass(2000);
  await opened;
  const cut = () =>
    channel.drop(clientIdOf(RUN, '1'), new CmsError('ENDPOINT_UNREACHABLE', l10n.verbatim('Cut.')));
  return { channel, said, pass, cut };
}

describe('The run channel of a worker', () => {
  it('is there again after a mere cut', async () => {
    const { channel, said, pass, cut } = await setUp();
    cut();
    await pass(30_000);
    assert.deepEqual(said, ['offline']);
    assert.ok(channel.connected().includes(clientIdOf(RUN, '1')));
  });

  it('is given up when the end of the run took its record away, as after a freeze', async () => {
    const { channel, said, pass, cut } = await setUp();
    channel.retained.delete(attemptTopic(RUN, 1));
    cut();
    await pass(60_000);
    assert.deepEqual(said, ['offline', 'replaced']);
    assert.ok(!channel.connected().includes(clientIdOf(RUN, '1')));
  });

  it('waits for a record that is only late', async () => {
    const { channel, said, pass, cut } = await setUp();
    const record = channel.retained.get(attemptTopic(RUN, 1))!;
    channel.retained.delete(attemptTopic(RUN, 1));
    cut();
    await pass(2000);
    channel.retained.set(attemptTopic(RUN, 1), record);
    await pass(30_000);
    assert.deepEqual(said, ['offline']);
    assert.ok(channel.connected().includes(clientIdOf(RUN, '1')));
  });
});
