import assert from 'node:assert/strict';
import { createCommands } from '../../../../src/cms/cmGuidance/commands.ts';
import type { PasswordNeed } from '../../../../src/cms/contract/credentials.ts';
import type { RemoteCommand } from '../../../../src/cms/contract/remoteCommands.ts';
import type { Rest, RestReply, RestRequest } from '../../../../src/cms/kit/rest.ts';
import { CmsError } from '../../../../src/core/errors.ts';
import { l10n } from '../../../../src/core/message.ts';
import { english } from '../../../../src/core/wording.ts';
import { followCommand } from '../../../../src/onboarding/remoteCommand.ts';
import { testWork } from '../../../support/works.ts';

const VEHICLE = { vin: 'VIN', id: 'VEH-1', thingName: 'VIN' };
const LOCK: RemoteCommand = { name: 'lock_all_doors', value: true, timeoutMs: 10_000 };

/** The commands API, with the rows that it has; `answer` may stand in for a call. */
function apiWith(answer: (request: RestRequest, rows: object[]) => Partial<RestReply> | Error | undefined) {
  const rows: object[] = [];
  const posts: unknown[] = [];
  const rest: Rest = {
    service: l10n.verbatim('the commands API'),
    send(request) {
      const json = request.method === 'GET' ? { commands: rows, count: rows.length } : {};
      if (request.method === 'POST') posts.push(request.body);
      const given = answer(request, rows);
      if (given instanceof Error) return Promise.reject(given);
      return Promise.resolve({ status: 200, ok: true, json, text: '', uncertain: false, ...given });
    },
  };
  return { commands: createCommands(rest, {} as PasswordNeed), rows, posts };
}
const row = (commandId: string, status = 'SENT', reason = '') => ({
  ...{ commandId, commandName: LOCK.name, vehicleId: VEHICLE.id, status, reason, resultValue: null },
});
/** Its waits take no time. */
function quickWork() {
  let now = 0;
  const sleep = (ms: number): Promise<void> => {
    now += ms;
    return Promise.resolve();
  };
  return { ...testWork(), clock: { now: () => now, sleep } };
}
const lost = new CmsError('ENDPOINT_UNREACHABLE', l10n.verbatim('reset'));

describe('Commands of the guidance', () => {
  it('are sent with their value and the time that the vehicle has', async () => {
    const { commands, posts } = apiWith(({ method }) =>
      method === 'POST' ? { json: { success: true, commandId: 'c1', status: 'SENT' } } : undefined,
    );
    const sent = await commands.send(VEHICLE, LOCK, testWork());
    assert.deepEqual([sent.id, sent.status], ['c1', 'SENT']);
    assert.deepEqual(posts, [{ commandName: 'lock_all_doors', value: true, timeout: 10_000 }]);
  });

  const unanswered = { lost, 'that of the gateway': { status: 504, ok: false, uncertain: true } };
  for (const [what, reply] of Object.entries(unanswered)) {
    it(`are sent once when the answer is ${what}: what was made is found`, async () => {
      const { commands, rows, posts } = apiWith(({ method }, all) => {
        if (method !== 'POST') return undefined;
        all.push(row('new'));
        return reply;
      });
      rows.push(row('old', 'SUCCEEDED'));
      assert.equal((await commands.send(VEHICLE, LOCK, testWork())).id, 'new');
      assert.equal(posts.length, 1);
    });
  }

  it('are found, and not sent again, when their row appears late', async () => {
    let looks = 0;
    const { commands, posts } = apiWith(({ method }, all) => {
      if (method === 'POST') return lost;
      looks += 1;
      // The network comes back after a while.
      if (looks === 3) return lost;
      if (looks === 5) all.push(row('new'));
      return undefined;
    });
    assert.equal((await commands.send(VEHICLE, LOCK, quickWork())).id, 'new');
    assert.equal(posts.length, 1);
  });

  for (const [what, reply] of Object.entries(unanswered)) {
    it(`are said to be sent perhaps when the answer is ${what} and nothing shows`, async () => {
      const { commands, rows } = apiWith(({ method }) => (method === 'POST' ? reply : undefined));
      rows.push(row('old'));
      await assert.rejects(commands.send(VEHICLE, LOCK, quickWork()), (error: CmsError) => {
        assert.match(error.message, /may have been sent to VEH-1/);
        return true;
      });
    });
  }

  it('are named by the catalog, however its entries are written', async () => {
    const json = { commands: [{ commandName: 'a' }, { name: 'b' }, 'c', { other: 1 }, 7, 'a'] };
    const { commands } = apiWith(() => ({ json }));
    assert.deepEqual(await commands.names(new AbortController().signal), ['a', 'b', 'c']);
  });

  it('for a vehicle that is not enrolled are refused with what to do', async () => {
    const json = { error: 'Unknown vehicle: VEH-1' };
    const { commands } = apiWith(() => ({ status: 404, ok: false, json }));
    await assert.rejects(commands.send(VEHICLE, LOCK, testWork()), (error: CmsError) => {
      assert.match(error.message, /not enrolled in a fleet/);
      return true;
    });
  });

  const follow = async (...statuses: [status: string, reason?: string][]) => {
    const { commands } = apiWith((_, rows) => {
      const [status = 'SENT', reason] = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? [];
      rows.splice(0, 1, row('c1', status, reason));
      return undefined;
    });
    const seen: string[] = [];
    const sent = { id: 'c1', status: 'SENT', reason: undefined, resultValue: undefined };
    const about = { vehicle: VEHICLE, sent, command: LOCK };
    const ended = followCommand(commands, about, ({ status }) => seen.push(status), quickWork());
    return { seen, ended: await ended.catch((error: unknown) => error as CmsError) };
  };

  it('are followed to their end', async () => {
    const { seen } = await follow(['SENT'], ['IN_PROGRESS'], ['SUCCEEDED']);
    assert.deepEqual(seen, ['SENT', 'IN_PROGRESS', 'SUCCEEDED']);
  });

  it('that the vehicle refuses end with its reason', async () => {
    const { ended } = await follow(['FAILED', 'the door is open']);
    assert.ok(ended instanceof CmsError);
    assert.equal(ended.code, 'COMMAND_FAILED');
    assert.match(ended.message, /ended FAILED \(the door is open\)/);
  });

  it('that end without a word of the vehicle are to be sent again once it is connected', async () => {
    const { ended } = await follow(['TIMEOUT']);
    assert.ok(ended instanceof CmsError);
    assert.match(ended.message, /ended TIMEOUT\.$/);
    assert.match(english(ended.remedy ?? ''), /connect the vehicle, then send it again/);
  });

  it('that nobody answers end in time', async () => {
    const { ended } = await follow(['SENT']);
    assert.ok(ended instanceof CmsError);
    assert.match(ended.message, /has not answered .* in 15 s \(it is SENT\)/);
  });
});
