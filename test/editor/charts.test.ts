// Runs inside the extension host.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Timers } from '../../src/core/timers.ts';
import { ChartPanel } from '../../src/editor/charts/chartPanel.ts';
import type { ChartPanels } from '../../src/editor/charts/chartPanels.ts';
import type { ChartSource } from '../../src/editor/charts/chartSource.ts';
import type { MapPanels } from '../../src/editor/map/mapPanels.ts';
import type { MapSource } from '../../src/editor/map/mapSource.ts';
import type { StackRef } from '../../src/editor/base/stackRef.ts';
import { Tasks } from '../../src/editor/base/tasks.ts';
import { ChartCommands } from '../../src/editor/simulations/chartCommands.ts';
import { PastDriveRow } from '../../src/editor/simulations/pastDriveRow.ts';
import type { PastDrive, PastDrives } from '../../src/editor/simulations/pastDrives.ts';
import { SimulatedVehicleRow } from '../../src/editor/simulations/simulationRows.ts';
import { chartMessageSchema, chartRequestSchema, type ChartMessage } from '../../src/protocol/chart.ts';
import { DriveHistory } from '../../src/text/history/driveHistory.ts';
import { Person } from '../support/editor/person.ts';
import { commandsOf } from '../support/editor/commandsOf.ts';
import { silentLog } from '../support/editor/silentLog.ts';
import { REF, simulatedWindow } from '../support/editor/simulatedWindow.ts';
import { vehicle } from '../unit/editor/simulations/fakeEngine.ts';

const tasks = new Tasks(silentLog, vscode.Uri.file('/'));
const START = Date.UTC(2026, 10, 5, 9);

const sample = (vin: string, second: number) => ({
  ...{ vin, id: vin, serial: second, topic: 't', type: 'sample' as const, ackMs: 20 },
  time: START + second * 1000,
  place: { latitude: 48, longitude: 11, heading: 90, speed: second, odometer: 5, fuel: 30 },
});

/** A panel whose page is the test, with a second that passes when the test says so. */
function createPanel(source: ChartSource, select?: string[]) {
  const received = new vscode.EventEmitter<unknown>();
  const viewState = new vscode.EventEmitter<void>();
  const disposed = new vscode.EventEmitter<void>();
  const sent: ChartMessage[] = [];
  const waiting = new Set<() => void>();
  const timers: Timers = {
    now: () => START,
    after: (_ms, run) => {
      waiting.add(run);
      return () => waiting.delete(run);
    },
  };
  const panel = {
    ...{ visible: true, title: '', iconPath: undefined },
    webview: {
      ...{ html: '', options: {}, cspSource: 'https://webview.test' },
      asWebviewUri: (uri: vscode.Uri) => uri,
      postMessage: (message: ChartMessage) => {
        sent.push(chartMessageSchema.parse(structuredClone(message)));
        return Promise.resolve(true);
      },
      onDidReceiveMessage: received.event,
    },
    onDidChangeViewState: viewState.event,
    onDidDispose: disposed.event,
    reveal: () => undefined,
    dispose: () => disposed.fire(),
  };
  const lines: string[] = [];
  const log = { ...silentLog, warn: (line: string) => void lines.push(line) };
  const chart = new ChartPanel(
    {
      extensionUri: vscode.Uri.file('/extension'),
      ...{ log, timers, backend: () => ({ chartRequestSchema }) },
    },
    panel as unknown as vscode.WebviewPanel,
    source,
    select,
  );
  return {
    ...{ chart, panel, lines, waiting },
    page: (message: unknown) => received.fire(message),
    taken: () => sent.splice(0),
    second: () => {
      const due = [...waiting];
      waiting.clear();
      for (const run of due) run();
    },
    hide: () => {
      panel.visible = false;
      viewState.fire();
    },
  };
}

function liveSource() {
  const history = new DriveHistory({ rows: 4 });
  const payloads: string[] = [];
  const source: ChartSource = {
    ...{ key: 'k', title: 'Charts: Ring', restore: { kind: 'drive', id: 'run-1' } },
    vehicles: () => history.vehicles,
    version: () => history.version,
    isLive: () => true,
    showPayload: (id) => payloads.push(id),
  };
  return { history, source, payloads };
}

describe('Charts', () => {
  it('tell a page what there is, what it wants of it, and once a second what came', () => {
    const { history, source } = liveSource();
    history.add([sample('A', 1), sample('B', 1)]);
    const { page, taken, second } = createPanel(source, ['B']);
    page({ kind: 'ready' });
    const [scene] = taken();
    assert.ok(scene?.kind === 'scene');
    assert.deepEqual(scene.vehicles, [
      { id: 'A', vin: 'A' },
      { id: 'B', vin: 'B' },
    ]);
    assert.deepEqual(scene.select, ['B']);
    assert.ok(scene.signals.includes('speed'));
    page({ kind: 'want', vehicles: ['B'], signals: ['speed'] });
    assert.deepEqual(taken(), [
      {
        kind: 'data',
        vehicles: [{ id: 'B', times: [START + 1000], columns: { speed: [1] }, codes: [], dropped: 0 }],
      },
    ]);
    second();
    assert.deepEqual(taken(), [], 'nothing came');
    history.add([sample('B', 2)]);
    second();
    const [data] = taken();
    assert.ok(data?.kind === 'data');
    assert.deepEqual(data.vehicles[0]?.columns, { speed: [1, 2] });
  });

  it('keep the samples of a hidden page, and say how many were thinned out', () => {
    const { history, source } = liveSource();
    const { page, taken, hide, waiting } = createPanel(source);
    page({ kind: 'ready' });
    hide();
    assert.equal(waiting.size, 0, 'nobody is told');
    taken();
    history.add([1, 2, 3, 4, 5, 6].map((second) => sample('A', second)));
    page({ kind: 'ready' });
    page({ kind: 'want', vehicles: ['A'], signals: ['speed'] });
    const data = taken().at(-1);
    assert.ok(data?.kind === 'data');
    const [{ times, dropped } = { times: [], dropped: 0 }] = data.vehicles;
    assert.equal(times.length + dropped, 6);
    assert.ok(dropped > 0);
    assert.deepEqual([times[0], times.at(-1)], [START + 1000, START + 6000]);
  });

  it('refuse what is no message of the page', () => {
    const { source, payloads } = liveSource();
    const { page, taken, lines } = createPanel(source);
    page({ kind: 'want', vehicles: Array.from({ length: 7 }, (_, i) => `v${i}`), signals: [] });
    page({ kind: 'act', act: 'delete-everything', id: 'A' });
    assert.deepEqual([taken(), payloads], [[], []]);
    assert.equal(lines.filter((line) => line.includes('cannot be used')).length, 2);
    page({ kind: 'act', act: 'show-payload', id: 'A' });
    assert.deepEqual(payloads, ['A']);
  });

  it('are a page without eval and without the network', () => {
    const { source } = liveSource();
    const { html } = createPanel(source).panel.webview;
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
    assert.match(policy, /default-src &#39;none&#39;|default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|connect-src|https?:\/\/(?!webview\.test)/);
  });
});

describe('Show Chart', () => {
  const person = new Person();
  beforeEach(() => person.arrive());
  afterEach(() => person.leave());

  function world(pastDrives: PastDrive[] = [], maps: MapSource[] = []) {
    const it = simulatedWindow();
    const shown: { source: ChartSource; select?: readonly string[] | undefined; beside?: boolean }[] = [];
    const charts = {
      show: (source: ChartSource, options: object) => shown.push({ source, ...options }),
    } as unknown as ChartPanels;
    const past = {
      drives: pastDrives,
      find: (id: string) => pastDrives.find((drive) => drive.id === id),
      read: () => Promise.resolve({ history: kept() }),
    } as unknown as PastDrives;
    const panels = {
      sources: maps,
      active: maps[0],
      sourceOf: (key: string) => maps.find((map) => map.key === key),
    } as unknown as MapPanels;
    const asked: StackRef[] = [];
    const { simulations, documents } = { documents: {} as never, ...it };
    const commands = new ChartCommands({
      ...{ tasks, simulations, past, maps: panels, charts, documents, backend: {} as never },
      simulate: () => Promise.resolve(),
      watch: (ref) => void asked.push(ref),
    });
    return { ...it, asked, commands, shown, run: commandsOf(() => commands.register()) };
  }
  const kept = () => {
    const history = new DriveHistory();
    history.add([sample('A', 1), sample('B', 1)]);
    return history.vehicles;
  };
  const past = (id: string, ...vins: string[]): PastDrive => ({
    ...{ id, title: `Drive ${id}`, ref: REF, vins, startedAt: START, endedAt: START + 1 },
    figures: {} as PastDrive['figures'],
  });
  const map = (key: string, source: 'watch' | 'recording' | 'route', history?: DriveHistory): MapSource => ({
    key,
    scene: { source, title: key, routes: [], steers: [], acts: [] },
    snapshot: () => ({ kind: 'frame', vehicles: [] }),
    onFrame: new vscode.EventEmitter<never>().event,
    restore: undefined,
    dispose: () => undefined,
    ...(history !== undefined && { history }),
  });

  it('draws the vehicle of a row of a simulation, and goes on with what it sends', async () => {
    const { start, engine, tree, run, shown, simulations } = world();
    start('run-1', ['A', 'B']);
    engine('run-1').update([vehicle('A')], { messages: [sample('A', 1)] });
    await run('showChart', new SimulatedVehicleRow(tree.row(simulations.run('run-1')!), 'A'));
    const [{ source, select } = assert.fail('nothing is shown')] = shown;
    assert.deepEqual(select, ['A']);
    const before = source.version();
    engine('run-1').update([vehicle('A')], { messages: [sample('A', 2)] });
    assert.notEqual(source.version(), before);
    assert.deepEqual(source.vehicles()[0]?.columns.speed, [1, 2]);
    assert.ok(source.isLive());
  });

  it('draws a drive that is kept, and finds it again after a reload', async () => {
    const drive = past('run-7', 'A', 'B');
    const { run, shown, commands } = world([drive]);
    await run('showChart', new PastDriveRow(drive));
    assert.equal(shown[0]?.source.key, 'drive/run-7');
    assert.equal(shown[0].source.isLive(), false);
    assert.deepEqual(shown[0].source.restore, { kind: 'drive', id: 'run-7' });
    const again = await commands.reopen({ kind: 'drive', id: 'run-7' });
    assert.deepEqual(
      again?.vehicles().map(({ vin }) => vin),
      ['A', 'B'],
    );
    assert.equal(await commands.reopen({ kind: 'drive', id: 'cleared' }), undefined);
  });

  it('draws a vehicle from where most is known of it: a simulation, a watch, a drive that is kept', async () => {
    const heard = new DriveHistory();
    heard.add([{ ...sample('A', 3), id: 'thing-A' }]);
    const watch = map(`watch:${REF.connectionId}/${REF.stack}`, 'watch', heard);
    const A = { ref: REF, vin: 'A' };
    const kept = world([past('run-7', 'A')]);
    await kept.run('showChart', A);
    assert.deepEqual([kept.shown[0]?.source.key, kept.shown[0]?.select], ['drive/run-7', ['A']]);
    const watched = world([past('run-7', 'A')], [watch]);
    await watched.run('showChart', A);
    assert.deepEqual(
      [watched.shown[0]?.source.key, watched.shown[0]?.select],
      [`map/${watch.key}`, ['thing-A']],
    );
    const driving = world([past('run-7', 'A')], [watch]);
    driving.start('run-8', ['A']);
    await driving.run('showChart', A);
    assert.equal(driving.shown[0]?.source.key, 'drive/run-8');
  });

  it('draws a vehicle of the replay whose menu it was, beside its map', async () => {
    const played = new DriveHistory();
    played.add([sample('A', 1)]);
    const { run, shown } = world([], [map('recording:x', 'recording', played)]);
    await run('showChart', { webviewSection: 'vehicle', mapSource: 'recording', vin: 'A' });
    assert.deepEqual([shown[0]?.select, shown[0]?.beside], [['A'], true]);
    assert.deepEqual(shown[0]?.source.vehicles()[0]?.columns.speed, [1]);
  });

  it('from the palette asks what of several is meant, and takes the only one', async () => {
    const several = world(
      [past('run-7', 'A')],
      [map('Watch x', 'watch', new DriveHistory()), map('r', 'route')],
    );
    const asking = several.run('showChart');
    await person.pick('What to chart', 'Drive run-7');
    await asking;
    assert.equal(several.shown[0]?.source.key, 'drive/run-7');
    const one = world([past('run-7', 'A')]);
    await one.run('showChart');
    assert.equal(one.shown[0]?.source.key, 'drive/run-7');
  });

  it('says of a vehicle that sent nothing what would bring samples', async () => {
    const { asked, run, shown } = world();
    const asking = run('showChart', { ref: REF, vin: 'A' });
    await person.press('There are no samples of A to chart yet.', 'Watch Fleet on Map');
    await asking;
    assert.deepEqual([shown, asked], [[], [REF]]);
  });
});
