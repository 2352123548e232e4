import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import { english } from '../../core/wording.ts';
import { type Progress, systemClock, type Work } from '../../core/work.ts';
import { flag } from '../base/commandLine.ts';
import { type CommandCall, registerCommand } from '../base/registerCommand.ts';
import { say, sayErrorAndRemedy, sayPlural } from '../base/say.ts';
import { notify, pickOne } from '../base/shown.ts';
import type { StackRef, VehicleName } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import { askAll, answerOf } from '../base/wizard.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { SignIns } from '../stacks/signIn.ts';
import type { Targets } from '../stacks/targets.ts';
import { cloudTitle, CloudRunRow } from './cloudRunRow.ts';
import type { CloudDriveRun, CloudRuns } from './cloudRuns.ts';
import { driveTarget } from './targets.ts';

interface Sources {
  access: VehicleAccess;
  targets: Targets;
  signIns: SignIns;
  cloudRuns: CloudRuns;
}

/** Hands vehicles over to the simulator of a CMS, and tells it to stop. */
export function registerCloudDrives(tasks: Tasks, sources: Sources): vscode.Disposable {
  const { cloudRuns } = sources;
  return vscode.Disposable.from(
    registerCommand(tasks, 'simulateInCloud', (call) => simulateInCloud(tasks, sources, call)),
    registerCommand(tasks, 'stopCloudRun', async ({ target, targets }) => {
      const rows = targets.filter((row) => row instanceof CloudRunRow);
      if (target !== undefined) for (const { run } of rows) run.stop();
      else (await pickRun(cloudRuns.active))?.stop();
    }),
    cloudRuns.onDidEnd((run) => void tell(tasks, run)),
  );
}

async function pickRun(active: readonly CloudDriveRun[]): Promise<CloudDriveRun | undefined> {
  const [first, another] = active;
  if (first === undefined) void notify.info(vscode.l10n.t('No simulation is running.'));
  if (another === undefined) return first;
  const items = active.map((run) => ({ label: cloudTitle(run), description: run.ref.stack, run }));
  return (await pickOne(items, { title: vscode.l10n.t('Simulation to stop') }))?.run;
}

async function simulateInCloud(
  tasks: Tasks,
  sources: Sources,
  { targets: rows }: CommandCall,
): Promise<void> {
  const { access, targets, signIns, cloudRuns } = sources;
  const given = await driveTarget(targets, rows);
  if (given === undefined) return;
  const { ref } = given;
  const found = await tasks.run(
    { title: vscode.l10n.t('Checking {0}', ref.stack), quiet: true },
    async ({ signal }) => {
      const deployment = await access.sessions.open(ref, signal);
      const { caveat, needs, interval } = access.backend().simulatorOf(deployment);
      return { caveat, needs, interval, where: await access.placeWords(ref, signal) };
    },
  );
  if (found === undefined) return;
  const certificates = await access.certificates.forWriting();
  const names = given.vehicles ?? (await askVehicle(targets, ref));
  if (names.length === 0) return;
  const times = await askTimes(found.interval);
  if (times === undefined) return;
  const words = [
    'simulate-in-cloud',
    ...flag('vin', ...names.map(({ vin, id = vin }) => id)),
    ...flag('duration', String(times.duration)),
    ...(found.interval.isFixed ? [] : flag('interval', String(times.interval))),
  ];
  const detail = `${found.where}\n\n${say(found.caveat)}`;
  const agreed = await access.cli.offered(ref, words, (copy) => agrees(names, detail, copy), [
    'connection',
    'stack',
  ]);
  if (agreed === undefined) return;
  if (!(await access.sessions.has(ref, found.needs))) {
    if ((await signIns.now(ref, found.needs)) === undefined) return;
  }
  const { duration, interval } = times;
  const vins = names.map(({ vin }) => vin);
  cloudRuns.start({ ref, vins, duration }, async (told, signal) => {
    const { driveInCloud, createCloudJournal, placeOf } = access.backend();
    const progress = ({ level, step, message }: Progress): void =>
      tasks.log[level](`[${step}] ${english(message)}`);
    const work: Work = { signal, clock: systemClock, random: Math.random, progress };
    const connection = await access.connections.open(ref.connectionId);
    const deployment = await access.sessions.open(ref, signal);
    const vehicles = await access.resolveAll(names, { deployment, certificates }, signal);
    const place = await placeOf(deployment, connection, signal);
    const journal = createCloudJournal(certificates.folder, () => systemClock.now());
    return driveInCloud({ vehicles, duration, interval }, { deployment, place, journal, told }, work);
  });
}

async function askVehicle(targets: Targets, ref: StackRef): Promise<readonly VehicleName[]> {
  const picked = await targets.pickVehicle(ref, vscode.l10n.t('Simulate in the Cloud'));
  return picked === undefined ? [] : [picked];
}

async function askTimes(usual: {
  usual: number;
  isFixed: boolean;
}): Promise<{ duration: number; interval: number } | undefined> {
  const answers: Record<string, string> = { duration: '60', interval: String(usual.usual) };
  const whole = (value: string): string | undefined =>
    /^[1-9]\d{0,5}$/.test(value.trim()) ? undefined : vscode.l10n.t('A whole number of seconds');
  const done = await askAll(
    vscode.l10n.t('Simulate in the Cloud'),
    [
      {
        kind: 'text',
        key: 'duration',
        prompt: vscode.l10n.t('How long each vehicle sends, in seconds'),
        value: () => answers.duration ?? '',
        validate: whole,
      },
      {
        kind: 'text',
        key: 'interval',
        prompt: vscode.l10n.t('Seconds between two messages of a vehicle'),
        value: () => answers.interval ?? '',
        skip: () => usual.isFixed,
        validate: whole,
      },
    ],
    answers,
  );
  if (!done) return undefined;
  return {
    duration: Number(answerOf(answers, 'duration')),
    interval: Number(answerOf(answers, 'interval')),
  };
}

/** What it does not test is said before, where nobody overlooks it. */
function agrees(names: readonly VehicleName[], detail: string, copy: string): Promise<string | undefined> {
  const go = vscode.l10n.t('Start');
  const text = sayPlural(
    names.length,
    l10n.t('Let the CMS simulator send telemetry for {vin}?', { vin: names[0]?.vin ?? '' }),
    l10n.t('Let the CMS simulator send telemetry for {count} vehicles?', { count: names.length }),
  );
  return notify.warn(text, { modal: true, detail }, go, copy);
}

async function tell(tasks: Tasks, run: CloudDriveRun): Promise<void> {
  const { problem, arrived, vins } = run;
  const title = cloudTitle(run);
  if (problem !== undefined) {
    await tasks.showError(problem);
    return;
  }
  const failed = run.reports.find((report) => report.state === 'failed');
  if (failed !== undefined) {
    const why = failed.problem === undefined ? '' : sayErrorAndRemedy(failed.problem);
    await notify.warn(
      [vscode.l10n.t('{0}: the simulation in the cloud failed.', title), why].join(' ').trim(),
    );
    return;
  }
  const said =
    arrived === undefined
      ? ''
      : sayPlural(
          vins.length,
          l10n.t('The CMS has telemetry of {arrived} of 1 vehicle.', { arrived }),
          l10n.t('The CMS has telemetry of {arrived} of {count} vehicles.', { arrived, count: vins.length }),
        );
  const ended = run.isStopped
    ? vscode.l10n.t('{0}: the simulation in the cloud was stopped.', title)
    : vscode.l10n.t('{0}: the simulation in the cloud has ended.', title);
  await notify.info([ended, said].filter((part) => part !== '').join(' '));
}
