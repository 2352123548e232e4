import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { readEventRate, readScriptedEvent } from '../../src/device/client/scriptedEvents.ts';
import { l10n } from '../../src/core/message.ts';
import { fractionOf } from '../../src/editor/simulations/steerQuestions.ts';
import { driveFields, drivePart } from '../../src/editor/simulations/driveFields.ts';
import type { DriveAnswers } from '../../src/editor/simulations/driveSettings.ts';
import { AskedVehicles } from '../../src/editor/simulations/askedVehicles.ts';
import { review } from '../../src/editor/simulations/driveReview.ts';
import { RouteChoice } from '../../src/editor/routes/routeChoice.ts';
import { Tasks } from '../../src/editor/base/tasks.ts';
import { readRoutes } from '../../src/telemetry/routes/readRoutes.ts';
import { silentLog } from '../support/editor/silentLog.ts';
import { rateSchema } from '../../src/protocol/control.ts';
import { eventNotes } from '../../src/telemetry/drive/eventNotes.ts';

const backend = () => ({ eventNotes, rateSchema, readEventRate, readScriptedEvent });

describe('What is asked about a drive', () => {
  const field = (key: string, answers: DriveAnswers = {}, vehicles = 1) => {
    const found = driveFields(backend, answers, vehicles).find((each) => each.key === key);
    assert.ok(found, key);
    return found;
  };
  const problem = (key: string, value: string): unknown => {
    const { question } = field(key);
    return question.kind === 'text' ? question.validate?.(value) : undefined;
  };

  it('has defaults that drive real time, once, a message a second', () => {
    assert.deepEqual(drivePart(backend, {}, 1), {
      drive: { rate: 1, speed: 1, pace: 'drive', end: 'stop', events: [], eventRates: {}, jobs: true },
      seed: 1,
      spread: false,
    });
  });

  it('becomes the request', () => {
    const answers = {
      rate: '2.5',
      speed: '20',
      pace: 'points',
      end: 'ping-pong',
      events: '3:p0217, 5:braking',
      chance: 'oil:1, braking:5',
      powertrain: 'electric',
      jobs: 'no',
      minutes: '1.5',
      seed: '7',
      spread: 'yes',
    };
    assert.deepEqual(drivePart(backend, answers, 3), {
      drive: {
        rate: 2.5,
        speed: 20,
        pace: 'points',
        end: 'ping-pong',
        events: [
          { at: 3000, kind: 'dtc', code: 'P0217' },
          { at: 5000, kind: 'braking' },
        ],
        eventRates: { 'oil-temperature': 1, braking: 5 },
        jobs: false,
        durationMs: 90_000,
      },
      seed: 7,
      powertrain: 'electric',
      spread: true,
    });
  });

  it('says what is wrong while it is typed', () => {
    assert.match(String(problem('rate', '0')), /from 0\.01 to 80/);
    assert.match(String(problem('rate', '')), /from 0\.01 to 80/);
    assert.equal(problem('rate', '80'), undefined);
    assert.match(String(problem('events', '3:P0217, nonsense')), /3:P0217/);
    assert.equal(problem('events', ''), undefined);
    assert.match(String(problem('chance', 'braking')), /braking:5/);
    assert.match(String(problem('minutes', '-1')), /more than 0/);
    assert.match(String(problem('seed', '1.5')), /whole number/);
  });

  it('shows every line with what stands there now', () => {
    assert.equal(field('speed', { speed: '5' }).words(), '×5 time lapse');
    assert.equal(field('events', { events: '3:P0217' }).words(), '3:P0217');
    for (const { label, words } of driveFields(backend, {}, 2))
      assert.match(`${label} ${words()}`, /\p{L}{2}/u);
  });

  it('asks for miles where the window shows those, and keeps kilometers', async () => {
    const units = (value?: string) =>
      vscode.workspace
        .getConfiguration('cmsEnablement')
        .update('units', value, vscode.ConfigurationTarget.Global);
    await units('us');
    try {
      const of = (key: string, answers: DriveAnswers = {}) =>
        driveFields(backend, answers, 1).find((each) => each.key === key)!;
      const { question } = of('events', { events: '1.609344:P0217' });
      assert.ok(question.kind === 'text');
      assert.match(String(question.prompt), /^Mile and what happens/);
      assert.equal(question.value(), '1:P0217');
      assert.equal(
        of('chance', { chance: 'braking:5' }).words(),
        '8.047 per 100 mi'.replace('8.047', 'braking:8.047'),
      );
    } finally {
      await units();
    }
  });

  it('asks whether to spread over the route only when several drive', () => {
    assert.ok(driveFields(backend, {}, 2).some(({ key }) => key === 'spread'));
    assert.ok(!driveFields(backend, {}, 1).some(({ key }) => key === 'spread'));
  });
});

describe('What is shown before a drive starts', () => {
  const note = 'No header names the columns: read as longitude, latitude.';
  const choice = new RouteChoice({
    tasks: new Tasks(silentLog, vscode.Uri.file('/')),
    backend: () => ({ readRoutes }),
    extensionUri: vscode.Uri.file('/'),
  });
  // Some two kilometres to the north.
  const points = [48, 48.018].map((latitude) => ({ latitude, longitude: 11 }));
  choice.file = {
    uri: vscode.Uri.file('/route.csv'),
    routes: [{ name: 'route', points }],
    notes: [l10n.verbatim(note)],
  };
  const stepOf = (answers: DriveAnswers) => {
    const step = review(backend, { answers, choice, asked: new AskedVehicles(answers) }, 'Simulate');
    assert.ok(step.kind === 'pick');
    return step;
  };

  it('has the notes on the route below the start, and on events beyond its end', async () => {
    const items = await stepOf({ vehicles: 'A', events: '3:P0217, 1:braking' }).items();
    assert.equal(items[0]?.value, 'go');
    assert.equal(items[1]?.label, `$(info) ${note}`);
    assert.match(items[2]?.label ?? '', /P0217 at 3 km will not happen: the route ends at 2/);
    assert.equal(items.filter(({ label }) => label.includes('$(info)')).length, 2);
  });

  it('goes on being shown when a note is picked', async () => {
    const step = stepOf({ vehicles: 'A' });
    const [, shown] = await step.items();
    assert.equal(await step.onPicked?.(shown?.value ?? ''), false);
    assert.equal(await step.onPicked?.('go'), true);
  });
});

describe('A place on the route to jump to', () => {
  it('is a percentage or a point', () => {
    assert.equal(fractionOf('50%', 248), 0.5);
    assert.equal(fractionOf(' 12.5 % ', 248), 0.125);
    assert.equal(fractionOf('1', 248), 0);
    assert.equal(fractionOf('248', 248), 1);
    assert.equal(fractionOf('3', 5), 0.5);
  });

  it('is nothing else', () => {
    for (const text of ['', 'x', '-1%', '101%', '0', '249', '50%%'])
      assert.equal(fractionOf(text, 248), undefined, text);
    assert.equal(fractionOf('5', 0), undefined);
  });
});
