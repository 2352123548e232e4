import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { CODECS } from '../../src/cms/codecs.ts';
import { l10n } from '../../src/core/message.ts';
import { CmsError } from '../../src/core/errors.ts';
import type { SimulationRun } from '../../src/editor/simulations/run.ts';
import { runProgress, runState } from '../../src/editor/simulations/runWords.ts';
import { MoreVehiclesRow, SimulatedVehicleRow } from '../../src/editor/simulations/simulationRows.ts';
import type { SimulationsRow } from '../../src/editor/simulations/simulationsTree.ts';
import { REF, simulatedWindow } from '../support/editor/simulatedWindow.ts';
import { createFakeTimers } from '../unit/device/simulationWorld.ts';
import { message, totalsOf, vehicle } from '../unit/editor/simulations/fakeEngine.ts';

const VIN = 'LSH14J4C4LA046511';

describe('Simulations of a window', () => {
  const item = (row: SimulationsRow | undefined): vscode.TreeItem => {
    assert.ok(row);
    return row.item();
  };

  it('are many at once, the newest on top', () => {
    const { start, tree, simulations } = simulatedWindow();
    start('run-1', [VIN]);
    start('run-2', ['B', 'C']);
    assert.deepEqual(
      tree.getChildren().map((row) => item(row).label),
      ['2 vehicles · Ring', VIN],
    );
    assert.equal(simulations.active.length, 2);
  });

  it('know which vehicle of which stack they drive', async () => {
    const { start, simulations, engine } = simulatedWindow();
    const run = start('run-1', [VIN]);
    assert.equal(simulations.simulating({ ref: REF, vin: VIN })?.run, run);
    assert.equal(simulations.simulating({ ref: REF, vin: VIN, id: VIN })?.run, run);
    assert.equal(simulations.simulating({ ref: REF, vin: VIN, id: 'other' }), undefined);
    assert.equal(simulations.simulating({ ref: { ...REF, stack: 'other' }, vin: VIN }), undefined);
    engine('run-1').end();
    await run.finished;
    assert.equal(simulations.simulating({ ref: REF, vin: VIN }), undefined);
  });

  it('say in words how far they are', () => {
    const { start, engine } = simulatedWindow();
    const run = start('run-1', [VIN]);
    assert.equal(runState(run).words, 'starting');
    engine('run-1').update([vehicle(VIN)]);
    assert.equal(runState(run).words, 'running');
    assert.equal(runProgress(run), '12/248 points, 3.1 km, 1 msg/s, 0 unacked, lost 0');
  });

  it('say that a vehicle is offline, and how much waits', () => {
    const { start, engine, tree } = simulatedWindow();
    const run = start('run-1', [VIN]);
    const problem = { code: 'ENDPOINT_UNREACHABLE', sentence: l10n.verbatim('Nobody is there.') };
    engine('run-1').update([vehicle(VIN, { link: 'offline', queued: 9, problem })], {
      totals: totalsOf(1, { online: 0, queued: 9 }),
    });
    assert.equal(runState(run).words, 'offline, still driving');
    assert.match(runProgress(run), /9 waiting/);
    const [row] = tree.getChildren(tree.row(run));
    assert.equal(item(row).description, 'offline · Nobody is there.');
  });

  it('give every row words for a screen reader', () => {
    const { start, engine, tree } = simulatedWindow();
    const run = start('run-1', [VIN]);
    engine('run-1').update([vehicle(VIN)]);
    const rows = [tree.row(run), ...tree.getChildren(tree.row(run))];
    assert.deepEqual(
      rows.map((row) => item(row).accessibilityInformation?.label),
      [
        `Simulation ${VIN} · Ring, running, 12/248 points, 3.1 km, 1 msg/s, 0 unacked, lost 0`,
        `Simulated vehicle ${VIN}, driving, 12/248 points, 3.1 km, 7 acknowledged, lost 0`,
      ],
    );
  });

  it('show the vehicles of a large run a page at a time, those with a problem first', () => {
    const { start, engine, tree } = simulatedWindow();
    const vins = Array.from({ length: 1000 }, (_, i) => `V${i}`);
    const run = start('run-1', vins);
    engine('run-1').update([
      vehicle('V777', {
        phase: 'failed',
        problem: { code: 'CERTIFICATE_UNUSABLE', sentence: l10n.verbatim('It expired.') },
      }),
    ]);
    const row = tree.row(run);
    const page = tree.getChildren(row);
    assert.equal(page.length, 101);
    assert.ok(page[0] instanceof SimulatedVehicleRow && page[0].vehicleId === 'V777');
    const more = page.at(-1);
    assert.ok(more instanceof MoreVehiclesRow);
    assert.equal(item(more).description, '100 of 1000 shown');
    tree.more(more);
    assert.equal(tree.getChildren(row).length, 201);
  });

  it('are open when they have a few vehicles, and closed when they have one or many', () => {
    const { start, tree } = simulatedWindow();
    const stateOf = (count: number): vscode.TreeItemCollapsibleState | undefined =>
      tree
        .row(
          start(
            `run-${count}`,
            Array.from({ length: count }, (_, i) => `V${i}`),
          ),
        )
        .item().collapsibleState;
    const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    assert.deepEqual([1, 2, 5, 6].map(stateOf), [Collapsed, Expanded, Expanded, Collapsed]);
  });

  it('keep the object of a row, so that the editor keeps what is selected', () => {
    const { start, tree } = simulatedWindow();
    const run = start('run-1', [VIN]);
    const [before] = tree.getChildren();
    const [child] = tree.getChildren(before);
    tree.changed();
    assert.equal(tree.getChildren()[0], before);
    assert.equal(tree.getChildren(tree.row(run))[0], child);
    assert.equal(tree.getParent(child ?? tree.row(run)), before);
  });

  it('are read anew as a whole only when one came or went: meanwhile no row can be acted on', () => {
    const { start, simulations, tree } = simulatedWindow();
    const told: (readonly SimulationsRow[] | undefined)[] = [];
    tree.onDidChangeTreeData((rows) => told.push(rows));
    const run = start('run-1', [VIN]);
    tree.changed();
    tree.changed();
    start('run-2', ['B']);
    tree.changed();
    simulations.clearEnded();
    tree.changed();
    assert.deepEqual(told.slice(0, 2), [undefined, [tree.row(run)]]);
    assert.equal(told[2], undefined);
    assert.equal(told[3]?.length, 2);
  });

  it('offer in menus what is possible now', () => {
    const { start, engine, tree } = simulatedWindow();
    const run = start('run-1', [VIN]);
    const context = (): string => tree.row(run).item().contextValue ?? '';
    engine('run-1').update([vehicle(VIN)]);
    assert.equal(context(), 'simulation one active canPause keepable notRecording');
    engine('run-1').update([vehicle(VIN, { phase: 'paused' })]);
    assert.equal(context(), 'simulation one active canResume keepable notRecording');
  });

  it('tell of their progress once a second at most', async () => {
    const timers = createFakeTimers();
    const { start, engine, simulations } = simulatedWindow(timers);
    const run = start('run-1', [VIN]);
    const told: (readonly SimulationRun[])[] = [];
    simulations.onDidProgress((runs) => told.push(runs));
    const update = (count: number): void => {
      for (let i = 0; i < count; i++) engine('run-1').update([vehicle(VIN)], { messages: [message(VIN, i)] });
    };
    update(50);
    await timers.advance(999);
    assert.deepEqual(told, []);
    await timers.advance(1);
    assert.deepEqual(told, [[run]]);
    update(50);
    await timers.advance(999);
    assert.equal(told.length, 1);
    await timers.advance(1);
    assert.equal(told.length, 2);
  });

  it('keep those that are over with their summary until they are cleared', async () => {
    const { start, engine, simulations, tree } = simulatedWindow();
    const run = start('run-1', [VIN]);
    start('run-2', ['B']);
    engine('run-1').end();
    await run.finished;
    const row = item(tree.row(run));
    assert.equal(row.description, 'ended · 12/248 points, 3.1 km, 7 acknowledged, lost 0');
    assert.equal(row.contextValue, 'simulation one over');
    simulations.clearEnded();
    tree.changed();
    assert.deepEqual(
      tree.getChildren().map((each) => item(each).label),
      ['B'],
    );
  });

  it('that crashed are said to, and offer to go on', async () => {
    const { start, engine, tree } = simulatedWindow();
    const run = start('run-1', [VIN]);
    engine('run-1').update([vehicle(VIN)]);
    engine('run-1').fail(new CmsError('DEVICE_PROCESS_FAILED', l10n.verbatim('The device process ended.')));
    await run.finished;
    assert.equal(runState(run).words, 'crashed');
    assert.match(tree.row(run).item().contextValue ?? '', /\bresumable\b/);
  });

  it('end their trips when the window closes, and are waited for', async () => {
    const { start, engine, simulations } = simulatedWindow();
    const runs = [start('run-1', [VIN]), start('run-2', ['B'])];
    await simulations.close();
    assert.deepEqual([engine('run-1').stops, engine('run-2').stops], [1, 1]);
    assert.ok(runs.every(({ state }) => state === 'ended'));
    assert.ok(simulations.isClosing);
  });

  it('close their recordings when the window closes and they go on in the background', async () => {
    const { start, engine, simulations } = simulatedWindow();
    const run = start('run-1', [VIN]);
    let isClosed = false;
    run.record({
      ...{ file: 'run.jsonl', written: 0, missed: 0, problem: undefined, add: () => undefined },
      close: () => Promise.resolve().then(() => void (isClosed = true)),
    });
    await run.keep(() => assert.fail('the engine asks for it'));
    await simulations.close();
    assert.deepEqual([isClosed, engine('run-1').stops, run.isOver], [true, 0, false]);
  });
});

describe('The commands of simulations', () => {
  it('show what messages look like, as read-only JSON', async () => {
    await vscode.commands.executeCommand('cmsEnablement.showMessageTemplate');
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.languageId, 'json');
    const shown = JSON.parse(document.getText()) as Record<
      string,
      Record<string, { topic: string; payload: { VIN: string } }>
    >;
    assert.deepEqual(Object.keys(shown), Object.keys(CODECS));
    assert.deepEqual(Object.keys(shown.cdf ?? {}), ['sample', 'trouble', 'event', 'trip']);
    assert.equal(shown.cdf?.sample?.payload.VIN, '<VIN>');
    assert.equal(vscode.workspace.fs.isWritableFileSystem(document.uri.scheme), undefined);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });
});
