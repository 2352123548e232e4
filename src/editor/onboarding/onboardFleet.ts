import path from 'node:path';
import * as vscode from 'vscode';
import { l10n, type Message } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';
import type { VehicleOutcome } from '../../onboarding/fleet.ts';
import type { ManifestVehicle } from '../../onboarding/manifest.ts';
import { flag } from '../base/commandLine.ts';
import type { Backend } from '../base/loadBackend.ts';
import { fleetFileOf, isFleetTarget, meantOf } from '../base/fleetTarget.ts';
import { sayPlural } from '../base/say.ts';
import { openCurrent } from '../base/openCurrent.ts';
import { pickFleetFile } from '../base/pickFile.ts';
import type { CommandCall } from '../base/registerCommand.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { SignIns } from '../stacks/signIn.ts';
import type { Targets } from '../stacks/targets.ts';
import { notify } from '../base/shown.ts';
import type { Given } from '../../cms/contract/credentials.ts';
import { isGiven } from '../../cms/contract/needs.ts';
import type { OnboardingFields } from '../../cms/contract/fields.ts';
import type { FleetDiagnostics } from './fleetDiagnostics.ts';
import { type NextForFleet, showFleetResult } from './fleetResult.ts';
import { forgetWrongPassword, isAboutAnswers, onboardTarget } from './onboardVehicle.ts';
import type { OnboardTarget } from './onboardWizard.ts';

interface Sources {
  access: VehicleAccess;
  signIns: SignIns;
  rows: RowChanges;
  diagnostics: FleetDiagnostics;
  /** Where reports are kept. */
  storage: vscode.Uri;
  next: NextForFleet;
}

/** What a person said yes to: asked once, unless the file names other vehicles by now. */
interface Agreed {
  ref: StackRef;
  /** One on each line. */
  vins: string;
  /** Who signs in, or the token, if that is not saved and was not refused. */
  who: Given | undefined;
  /** Of the vehicles of the file, those that were meant; all without it. */
  only: readonly string[] | undefined;
}

/** Onboards every vehicle of a CSV or JSON file; the whole file is checked before the first call. */
export function fleetOnboarding(
  tasks: Tasks,
  targets: Targets,
  sources: Sources,
): (call: CommandCall) => Promise<void> {
  const { access, signIns, rows, diagnostics, storage, next } = sources;
  /** Reads the file anew each time: what was wrong in it may be corrected by now. */
  const onboardFile = async (uri: vscode.Uri, target: unknown, before?: Agreed): Promise<void> => {
    const only = before?.only ?? (isFleetTarget(target) ? target.only : undefined);
    const title = vscode.l10n.t('Reading {0}', path.posix.basename(uri.path));
    const document = await tasks.watched({ title, quiet: true }, ({ signal }) => openCurrent(uri, signal));
    // A file that no deployment would take needs none to say so.
    if (diagnostics.check(document) === undefined) return showProblems(document);
    const into = async (ref: StackRef | undefined) => {
      const onto = ref && (await onboardTarget(tasks, access, ref));
      return ref && onto && { ref, onto, inFile: diagnostics.check(document, onto.fields) };
    };
    let found = await into(before?.ref ?? (await targets.stack(target)));
    // What is selected, or was used last, takes no such file; another deployment does.
    if (
      found !== undefined &&
      found.inFile === undefined &&
      before === undefined &&
      !targets.isSaid(target)
    ) {
      // What is wrong for that one is no problem of the file.
      diagnostics.check(document);
      found = await into(await targets.pick());
    }
    if (found === undefined) return;
    const { ref, onto, inFile } = found;
    if (inFile === undefined) return showProblems(document);
    const vehicles = meantOf(inFile, only, ({ request }) => request.vin);
    if (vehicles.length === 0) return;
    await access.certificates.forWriting();
    const { need, findRules } = onto;
    // The owners of the file become users if they are none yet, and one of them can sign in then.
    const username = vehicles.map(({ request }) => ownerOf(request, onto.fields)).find(Boolean) ?? '';
    let who = before?.who ?? (await signIns.ask(ref, need, { username, findRules }));
    const vins = vehicles.map(({ request }) => request.vin).join('\n');
    if (vins !== before?.vins) {
      const notes = onto.isAws
        ? fleetNotes(vehicles.length, { needsClaims: needsClaims(vehicles, onto) }, access.backend())
        : [];
      const asks = agreement(vehicles, onto.fields, `${ref.stack} (${onto.place})`, notes);
      const saved = need.kind === 'password' ? await access.sessions.saved(ref, need) : undefined;
      const user = who !== undefined && 'username' in who ? who.username : (saved?.username ?? '');
      const words = ['onboard', ...flag('fleet', uri.fsPath), ...flag('signInAs', user)];
      // The command takes the whole file.
      const agreed = only === undefined ? await access.cli.offered(ref, words, asks) : await asks();
      if (agreed === undefined) return;
    }
    if (isGiven(need) && who !== undefined) access.sessions.give(ref, need, who);
    const again = (): Promise<void> =>
      tasks.attempt(() => onboardFile(uri, undefined, { ref, vins, who, only }));
    let failure: unknown;
    const shown = { title: onboarding(vehicles), retry: () => void again() };
    const result = await tasks.run(shown, async (work) => {
      try {
        const deps = await access.forOnboarding(ref);
        const onVehicle = countVehicles(work, vehicles.length);
        return await access.backend().onboardFleet(vehicles, { ...deps, onVehicle }, inLogOnly(work));
      } catch (error) {
        failure = error;
        await forgetWrongPassword(access.sessions, ref, need, error);
        throw error;
      }
    });
    if (result !== undefined) await access.sessions.rememberGiven(ref, need);
    // A temporary password may have been replaced meanwhile.
    const tried = access.sessions.takeBack(ref, need) ?? who;
    who = result !== undefined || isAboutAnswers(failure, need) ? undefined : tried;
    rows.refresh();
    if (result === undefined) return;
    await showFleetResult(ref, result, { log: tasks.log, storage, next, again });
  };
  return async ({ target }) => {
    const uri = fleetFileOf(target) ?? (await pickFile());
    if (uri !== undefined) await onboardFile(uri, target instanceof vscode.Uri ? undefined : target);
  };
}

function pickFile(): Promise<vscode.Uri | undefined> {
  return pickFleetFile(
    vscode.l10n.t('Onboard Fleet from File'),
    vscode.l10n.t(
      'There is no .csv or .cms-fleet.json file in the workspace. A fleet file has one line per vehicle, with its vin.',
    ),
  );
}

async function showProblems(document: vscode.TextDocument): Promise<void> {
  await vscode.window.showTextDocument(document);
  await vscode.commands.executeCommand('workbench.actions.view.problems');
  void notify.error(
    vscode.l10n.t(
      '{0} has problems; they are listed in the Problems view. Nothing was done yet.',
      vscode.workspace.asRelativePath(document.uri),
    ),
  );
}

function onboarding(vehicles: readonly ManifestVehicle[]): string {
  const count = vehicles.length;
  const vin = vehicles[0]?.request.vin ?? '';
  return sayPlural(
    count,
    l10n.t('Onboarding {vin}', { vin }),
    l10n.t('Onboarding {count} vehicles', { count }),
  );
}

/** Whose vehicle it is, where that is the user who signs in. */
function ownerOf(request: object, { signIn }: OnboardingFields): string | undefined {
  const who: unknown = signIn && Reflect.get(request, signIn.field);
  return typeof who === 'string' ? who : undefined;
}

/** Asks, with more buttons if any are given. */
function agreement(
  vehicles: readonly ManifestVehicle[],
  fields: OnboardingFields,
  stack: string,
  notes: readonly string[],
): (...more: string[]) => Promise<string | undefined> {
  const count = vehicles.length;
  const go = sayPlural(count, l10n.t('Onboard 1 Vehicle'), l10n.t('Onboard {count} Vehicles', { count }));
  const lines = vehicles.slice(0, 10).map(({ request }) => {
    const who = ownerOf(request, fields);
    return who === undefined ? `• ${request.vin}` : `• ${request.vin} (${who})`;
  });
  return (...more) =>
    notify.info(
      sayPlural(
        count,
        l10n.t('Onboard 1 vehicle onto {stack}?', { stack }),
        l10n.t('Onboard {count} vehicles onto {stack}?', { count, stack }),
      ),
      { modal: true, detail: [...lines, ...(count > 10 ? ['…'] : []), ...notes].join('\n') },
      ...[go, ...more],
    );
}

/** So many vehicles keep an account busy for a while. */
const MANY = 30;

/** Whether vehicles get a certificate of their own first, with which they ask for the one that they keep. */
function needsClaims(
  vehicles: readonly ManifestVehicle[],
  { certificates, fields }: Pick<OnboardTarget, 'certificates' | 'fields'>,
): boolean {
  const wishes = vehicles.map(({ request }) => fields.wishes(request));
  return (
    certificates === 'claim' &&
    wishes.some(({ way, claim }) => (way ?? 'claim') === 'claim' && claim.kind !== 'shared')
  );
}

/**
 * What binds when many are onboarded in AWS, and where prices are; lines.
 * @param needsClaims whether a vehicle needs two certificates: with one, no limit of AWS IoT is near
 */
export function fleetNotes(
  count: number,
  { needsClaims }: { needsClaims: boolean },
  {
    CONCURRENCY,
    leastSeconds,
    STARTS_PER_SECOND,
  }: Pick<Backend, 'CONCURRENCY' | 'leastSeconds' | 'STARTS_PER_SECOND'>,
): string[] {
  if (count < MANY) return [];
  const seconds = leastSeconds(count);
  const time = seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
  return [
    '',
    ...(needsClaims
      ? [
          vscode.l10n.t(
            'AWS IoT allows 10 new certificates and 10 registrations per second in an account, and each vehicle needs two certificates. Other work that registers devices in the account may slow down meanwhile.',
          ),
        ]
      : []),
    vscode.l10n.t(
      'At most {0} vehicles are started per second, and {1} are in progress at a time. This takes at least {2}, plus the time until the CMS shows the last vehicles.',
      STARTS_PER_SECOND,
      CONCURRENCY,
      time,
    ),
    vscode.l10n.t('These calls are billed: {0}', 'https://aws.amazon.com/iot-core/pricing'),
  ];
}

const OUTCOMES: Readonly<Record<VehicleOutcome['status'], Message>> = {
  onboarded: l10n.t('onboarded'),
  failed: l10n.t('failed'),
  unfinished: l10n.t('unfinished'),
};

/** The notification counts vehicles. */
function countVehicles(work: Work, all: number): (outcome: VehicleOutcome) => void {
  let done = 0;
  return ({ vin, status }) => {
    done += 1;
    const message = l10n.t('{done} of {all}: {vin} {status}', { done, all, vin, status: OUTCOMES[status] });
    work.progress({ step: 'fleet', level: 'info', message });
  };
}

/** The single steps of every vehicle go to the log. */
function inLogOnly(work: Work): Work {
  return { ...work, progress: (event) => work.progress({ ...event, level: 'debug' }) };
}
