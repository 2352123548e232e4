import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { CmsError } from '../../src/core/errors.ts';
import { l10n } from '../../src/core/message.ts';
import { Tasks } from '../../src/editor/base/tasks.ts';
import { Person } from '../support/editor/person.ts';
import { silentLog } from '../support/editor/silentLog.ts';
import { until } from '../support/until.ts';
import { createFakeTimers } from '../unit/device/simulationWorld.ts';

const PROBLEM = new CmsError('CMS_UNAUTHORIZED', l10n.verbatim('Not allowed.'));

describe('What people ask for', () => {
  const person = new Person();
  const { withProgress } = vscode.window;
  /** Progress that shows, and what Cancel of it does. */
  let shown: { location: vscode.ProgressOptions['location']; cancellable: boolean; cancel: () => void }[];
  beforeEach(() => {
    person.arrive();
    shown = [];
    const fake: typeof withProgress = async (options, task) => {
      const source = new vscode.CancellationTokenSource();
      const { location, cancellable = false } = options;
      const mine = { location, cancellable, cancel: () => source.cancel() };
      shown.push(mine);
      try {
        return await task({ report: () => undefined }, source.token);
      } finally {
        shown = shown.filter((each) => each !== mine);
      }
    };
    (vscode.window as { withProgress: typeof withProgress }).withProgress = fake;
  });
  afterEach(() => {
    person.leave();
    (vscode.window as { withProgress: typeof withProgress }).withProgress = withProgress;
  });

  function tasksOf() {
    const timers = createFakeTimers();
    return { timers, tasks: new Tasks(silentLog, vscode.Uri.file('/extension'), timers) };
  }
  /** Work that ends only when it is cancelled. */
  const endless = (signal: AbortSignal): Promise<string> =>
    new Promise((_, reject) => {
      const cancelled = new CmsError('CANCELLED', l10n.verbatim('Cancelled.'));
      signal.addEventListener('abort', () => reject(cancelled));
    });
  const { Notification, Window } = vscode.ProgressLocation;
  const locations = () => shown.map(({ location }) => location);

  it('shows in the status bar when it is short as a rule, and has Cancel when it takes longer', async () => {
    const { tasks, timers } = tasksOf();
    const done = tasks.run({ title: 'Looking', quiet: true }, ({ signal }) => endless(signal));
    assert.deepEqual(locations(), [Window]);
    await timers.advance(1000);
    assert.deepEqual(locations(), [Window, Notification]);
    const offer = shown.find(({ location }) => location === Notification);
    assert.ok(offer?.cancellable);
    offer.cancel();
    assert.equal(await done, undefined);
    await until('the end of all progress', () => shown.length === 0);
    assert.deepEqual(person.notices, []);
  });

  it('leaves no notification behind when it was short', async () => {
    const { tasks, timers } = tasksOf();
    assert.equal(await tasks.run({ title: 'Looking', quiet: true }, () => Promise.resolve(1)), 1);
    await timers.advance(5000);
    assert.deepEqual(shown, []);
  });

  it('is said when it fails, also when what would help cannot be found', async () => {
    const { tasks } = tasksOf();
    tasks.addRemedy(['CMS_UNAUTHORIZED'], () => Promise.reject(new Error('no remedy')));
    void tasks.attempt(() => Promise.reject(PROBLEM));
    const { buttons } = await person.notice('Not allowed.');
    assert.deepEqual(buttons, ['Try Again', 'Explain', 'Show Log']);
  });

  it('is said again when what should have helped fails itself', async () => {
    const { tasks } = tasksOf();
    tasks.addRemedy(['CMS_UNAUTHORIZED'], () => ({
      title: 'Help',
      act: () => Promise.reject(new Error('It did not help.')),
    }));
    const shownToTheEnd = tasks.showError(PROBLEM);
    await person.press('Not allowed.', 'Help');
    await shownToTheEnd;
    assert.deepEqual((await person.notice('It did not help.')).buttons, []);
  });
});
