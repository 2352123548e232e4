import assert from 'node:assert/strict';
import { cancelled, CmsError } from '../../../../src/core/errors.ts';
import { l10n } from '../../../../src/core/message.ts';
import { type ScaleEvents, ScaleRun, type Steering } from '../../../../src/editor/simulations/scaleRun.ts';
import type { KeptScaleRun } from '../../../../src/editor/simulations/scaleRecords.ts';
import type { RunControl } from '../../../../src/scale/channelMessages.ts';

const KEPT: KeptScaleRun = {
  ...{ id: 'run-1', title: '2 vehicles · Ring', shards: 2, vehicles: 2, on: 'batch', store: 's3://runs/a' },
  ...{ ref: { connectionId: 'a@eu', stack: 'cms' }, startedAt: 1 },
};
const control = { clock: { factor: 1 }, speed: 1 } as unknown as RunControl;
const unreachable = new CmsError('ENDPOINT_UNREACHABLE', l10n.verbatim('Nobody answers.'));

/** A run that ends with this error, after what is done to it before. */
async function ended(
  error: unknown,
  how: {
    named?: (name: ScaleEvents['named']) => void;
    submits?: boolean;
    begins?: boolean;
    before?: (run: ScaleRun) => void;
  } = {},
): Promise<ScaleRun> {
  let fail: (error: unknown) => void = () => undefined;
  const nothing = () => undefined;
  const run = new ScaleRun(
    KEPT,
    ({ opened, named }) => {
      how.named?.(named);
      opened({ control: how.begins === true ? control : undefined } as unknown as Steering, []);
      return new Promise((_resolve, reject) => (fail = reject));
    },
    { changed: nothing, progressed: nothing, over: nothing, unsteered: nothing },
    how.submits === true ? { vehicles: [{ vin: 'A', id: '1' }] } : undefined,
  );
  how.before?.(run);
  fail(error);
  await run.finished;
  return run;
}

describe('A run of several workers, as a window follows it', () => {
  it('may still drive when a person leaves a question that following it needs answered', async () => {
    const run = await ended(cancelled());
    assert.deepEqual([run.isLost, run.problem !== undefined], [true, true]);
  });

  it('may still drive when that question was left after a stop', async () => {
    const run = await ended(cancelled(), { before: (it) => it.control({ do: 'stop' }) });
    assert.equal(run.isLost, true);
  });

  it('may still drive when its folder isn’t mounted, and does not when the folder has no such run', async () => {
    const of = async (code: 'STORE_FAILED' | 'REQUEST_INVALID') =>
      (await ended(new CmsError(code, l10n.verbatim('No plan.')))).isLost;
    assert.deepEqual([await of('STORE_FAILED'), await of('REQUEST_INVALID')], [true, false]);
  });

  it('is over when it was stopped before its start, whoever submitted its job', async () => {
    for (const submits of [true, false]) {
      const run = await ended(cancelled('barrier'), { submits, before: (it) => it.control({ do: 'stop' }) });
      assert.deepEqual([run.isLost, run.problem], [false, undefined]);
    }
  });

  it('is left alone without a problem', async () => {
    const run = await ended(cancelled(), { begins: true, before: (it) => it.leave() });
    assert.deepEqual([run.isLeft, run.problem], [true, undefined]);
  });

  it('that could not be submitted never began, and is not followed again', async () => {
    const run = await ended(unreachable, { submits: true });
    assert.deepEqual([run.neverBegan, run.isLost], [true, false]);
    run.control({ do: 'resume' });
    assert.equal(run.isOver, true);
  });

  it('that began may still drive when it cannot be followed', async () => {
    const run = await ended(unreachable, { submits: true, begins: true });
    assert.deepEqual([run.neverBegan, run.isLost], [false, true]);
  });

  it('drives the vehicles it was started with until it is over, and may drive them when it was lost sight of', async () => {
    const drives = (run: ScaleRun) => [run.drives({ vin: 'A' }), run.drives({ vin: 'A', id: '2' })];
    let driven: unknown;
    const before = (run: ScaleRun): void => void (driven = drives(run));
    const lost = await ended(unreachable, { submits: true, begins: true, before });
    assert.deepEqual([driven, drives(lost)], [[true, false], [true, false]]); // prettier-ignore
    assert.deepEqual(drives(await ended(unreachable, { submits: true })), [false, false]);
  });

  it('that was found drives nobody knows which vehicles, until they were read', async () => {
    const unread = await ended(unreachable);
    assert.equal(unread.drives({ vin: 'A' }), undefined);
    const read = await ended(unreachable, { named: (name) => name([{ vin: 'A', id: '1' }]) });
    assert.deepEqual([read.drives({ vin: 'A' }), read.drives({ vin: 'B' })], [true, false]);
  });
});
