import assert from 'node:assert/strict';
import { commands as codec } from '../../../src/cms/cmGuidance/codec/commands.ts';
import { createJobAccess } from '../../../src/device/process/simulation/jobAccess.ts';
import { VehicleCommands } from '../../../src/device/process/simulation/vehicleCommands.ts';
import { english } from '../../../src/core/wording.ts';
import type { SimulationNotice, VehicleCommand } from '../../../src/protocol/simulation.ts';
import { textOf } from '../../support/bytes.ts';
import { createFakeTimers, settled, type FakeTimers } from './simulationWorld.ts';

const REQUEST = 'cms/commands/VEH-1/request';

describe("A vehicle's commands of its CMS", () => {
  let timers: FakeTimers;
  let reports: VehicleCommand[];
  let notices: SimulationNotice[];
  let sent: { topic: string; body: Record<string, unknown> }[];
  let commands: VehicleCommands;

  beforeEach(() => {
    timers = createFakeTimers();
    reports = [];
    notices = [];
    sent = [];
    const access = createJobAccess(true, (notice) => notices.push(notice), 'commands');
    commands = new VehicleCommands({
      ...{ vehicle: { vin: 'VIN', id: 'VEH-1', thingName: 'VIN' }, codec, timers, access },
      report: (command) => reports.push(command),
      crashed: assert.ifError,
    });
    commands.listening((topic, payload) => {
      sent.push({ topic, body: JSON.parse(textOf(payload)) as Record<string, unknown> });
      return Promise.resolve();
    });
  });

  async function hear(body: unknown, topic = REQUEST): Promise<void> {
    commands.message(topic, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));
    await settled();
  }

  it('are listened to where the CMS publishes them', () => assert.equal(commands.filter, REQUEST));

  it('are answered with their value, and reported', async () => {
    await hear({ commandId: 'c1', commandName: 'lock_all_doors', vehicleId: 'VEH-1', value: true });
    assert.deepEqual(sent, [
      {
        topic: 'cms/commands/VEH-1/response',
        body: {
          ...{ commandId: 'c1', commandName: 'lock_all_doors', vehicleId: 'VEH-1', status: 'SUCCEEDED' },
          ...{ reason: '', resultValue: true, respondedAt: '2026-01-05T10:00:00+00:00' },
        },
      },
    ]);
    assert.deepEqual(
      reports.map(({ kind, jobId, operation, status }) => [kind, jobId, operation, status]),
      [
        ['command', 'c1', 'lock_all_doors', 'SENT'],
        ['command', 'c1', 'lock_all_doors', 'SUCCEEDED'],
      ],
    );
  });

  it('that it does not know are refused by their name', async () => {
    await hear({ commandId: 'c1', commandName: 'fly', vehicleId: 'VEH-1', value: 1 });
    const { status, reason, resultValue } = sent[0]?.body ?? {};
    assert.deepEqual([status, reason, resultValue], ['FAILED', "Unsupported command: 'fly'", null]);
    assert.deepEqual(reports.at(-1)?.details, { reason: "Unsupported command: 'fly'" });
  });

  it('are nothing else that is published there, or elsewhere', async () => {
    for (const body of ['{', '[]', {}, { commandId: '', commandName: 'x' }, { commandId: 1 }])
      await hear(body);
    await hear({ commandId: 'c1', commandName: 'honk_horn' }, 'cms/commands/VEH-2/request');
    assert.deepEqual([sent, reports], [[], []]);
  });

  it('do not keep it busy: a flood of them is answered in part', async () => {
    for (let i = 0; i < 50; i++) await hear({ commandId: `c${i}`, commandName: 'honk_horn' });
    assert.equal(sent.length, 10);
    await timers.advance(1000);
    await hear({ commandId: 'later', commandName: 'honk_horn' });
    assert.equal(sent.at(-1)?.body.commandId, 'later');
  });

  it('are given up, and said once, where the policy forbids them', () => {
    commands.refused('denied');
    assert.equal(commands.filter, undefined);
    assert.deepEqual(
      notices.map(({ sentence }) => english(sentence)),
      ['VIN keeps driving without commands: it is not allowed to subscribe to cms/commands/VEH-1/request.'],
    );
  });
});
