import * as vscode from 'vscode';
import { l10n } from '../../core/message.ts';
import { throwIfAborted } from '../../core/errors.ts';
import type { Work } from '../../core/work.ts';
import type { OffboardPlan } from '../../onboarding/offboardPlan.ts';
import { flag } from '../base/commandLine.ts';
import type { Driving } from '../base/driving.ts';
import { logError } from '../base/log.ts';
import { say, sayError, sayPlural } from '../base/say.ts';
import type { CommandCall } from '../base/registerCommand.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import type { Tasks } from '../base/tasks.ts';
import { notify } from '../base/shown.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { Targets, VehicleTarget } from '../stacks/targets.ts';

interface Sources {
  access: VehicleAccess;
  driving: Driving;
  rows: RowChanges;
}

/** A vehicle, where it is, and what its offboarding would remove. */
interface Planned {
  vehicle: VehicleTarget;
  /** Account and connection: nobody is to take one account for another. */
  place: string;
  plan: OffboardPlan;
  /** Who signs in, if that is saved. */
  user: string | undefined;
}

/** As many of a list as a dialog has room for in a small window. */
const SHOWN = 10;
/** How many vehicles are looked up at the same time. */
const AT_A_TIME = 4;

/** Says first what goes, in order, and what stays; then removes it. Many vehicles are one plan and one question. */
export function offboarding(
  tasks: Tasks,
  targets: Targets,
  sources: Sources,
): (call: CommandCall) => Promise<void> {
  const { access, driving, rows } = sources;
  const planOf = async (vehicle: VehicleTarget, work: Work): Promise<Planned> => {
    const { ref, id, vin } = vehicle;
    const { connection, deployment, certificates } = await access.forActing(ref, work.signal);
    const backend = access.backend();
    const deps = { deployment, certificates, cloud: backend.createCloudIdentities(connection) };
    const plan = await backend.planOffboard({ vin: id ?? vin }, deps, work);
    const { accountId } = await connection.identity(work.signal);
    const label = access.connections.labelOf(ref.connectionId);
    const { needs } = deployment.vehicles;
    const saved = needs.kind === 'password' ? await access.sessions.saved(ref, needs) : undefined;
    return {
      vehicle,
      plan,
      user: saved?.username,
      place: vscode.l10n.t('{0}, account {1}', label, accountId),
    };
  };
  const remove = async ({ vehicle, plan }: Planned, work: Work): Promise<number> => {
    await driving.endTrips(vehicle.ref, [plan], work.signal);
    return (await access.backend().offboard(plan, work)).removed.length;
  };
  const isDriving = ({ vehicle, plan: { vin, id } }: Planned): boolean =>
    driving.driveOf({ ref: vehicle.ref, vin, id }) !== undefined;

  const offboardOne = async (vehicle: VehicleTarget): Promise<void> => {
    const { vin } = vehicle;
    const planned = await tasks.run(
      { title: vscode.l10n.t('Looking up what {0} has', vin), quiet: true },
      (work) => planOf(vehicle, work),
    );
    if (planned === undefined) return;
    const { plan } = planned;
    if (plan.removals.length === 0) {
      const nothing = vscode.l10n.t('There is nothing to remove for {0}.', vin);
      void notify.info([nothing, ...plan.keeps.map(say)].join(' '));
      return;
    }
    const { ref, id = vin } = vehicle;
    const words = ['offboard', ...flag('vin', id), ...flag('username', planned.user ?? '')];
    const asks = (copy: string) => agreeToOne(planned, isDriving(planned), copy);
    if ((await access.cli.offered(ref, words, asks)) === undefined) return;
    const retry = (): void => void tasks.attempt(() => offboardOne(vehicle));
    const count = await tasks.run({ title: vscode.l10n.t('Offboarding {0}', vin), retry }, (work) =>
      remove(planned, work),
    );
    rows.refresh(vehicle.node?.stackRow);
    if (count === undefined) return;
    void notify.info(
      sayPlural(
        count,
        l10n.t('{vin} is offboarded: 1 thing removed.', { vin }),
        l10n.t('{vin} is offboarded: {count} things removed.', { vin, count }),
      ),
    );
  };

  const offboardMany = async (vehicles: readonly VehicleTarget[]): Promise<void> => {
    const retry = (): void => void tasks.attempt(() => offboardMany(vehicles));
    const count = vehicles.length;
    const title = vscode.l10n.t('Looking up what {0} vehicles have', count);
    const planned = await tasks.run({ title, retry }, (work) =>
      forEach(vehicles, work, (vehicle) => planOf(vehicle, work), AT_A_TIME),
    );
    if (planned === undefined) return;
    if ((await agreeToMany(planned, planned.filter(isDriving).length)) === undefined) return;
    const failed: { vehicle: VehicleTarget; error: unknown }[] = [];
    const done = await tasks.run({ title: vscode.l10n.t('Offboarding {0} vehicles', count), retry }, (work) =>
      forEach(planned, work, async (one) => {
        try {
          await remove(one, work);
        } catch (error) {
          throwIfAborted(work.signal);
          // One vehicle that cannot be removed does not keep the others.
          logError(tasks.log, error);
          failed.push({ vehicle: one.vehicle, error });
        }
      }),
    );
    for (const list of new Set(vehicles.map(({ node }) => node?.stackRow))) rows.refresh(list);
    if (done === undefined) return;
    if (failed.length === 0) {
      void notify.info(vscode.l10n.t('{0} vehicles are offboarded.', count));
      return;
    }
    const again = vscode.l10n.t('Try Again');
    const [first] = failed;
    const picked = await notify.error(
      vscode.l10n.t(
        '{0} of {1} vehicles are offboarded. {2}: {3}',
        count - failed.length,
        count,
        first?.vehicle.vin ?? '',
        first === undefined ? '' : sayError(first.error),
      ),
      again,
    );
    if (picked === again) await offboard(failed.map(({ vehicle }) => vehicle));
  };

  const offboard = async (vehicles: readonly VehicleTarget[]): Promise<void> => {
    const [only] = vehicles;
    if (only !== undefined) await (vehicles.length === 1 ? offboardOne(only) : offboardMany(vehicles));
  };
  return async (call) => offboard(await targets.vehicles(call, vscode.l10n.t('Offboard Vehicle')));
}

/** Does work for each, one after the other or some at a time, and says how far it is. */
async function forEach<T, R>(
  items: readonly T[],
  { progress, signal }: Work,
  act: (item: T) => Promise<R>,
  atATime = 1,
): Promise<R[]> {
  const results: R[] = [];
  const left = [...items.entries()].reverse();
  let done = 0;
  const work = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      throwIfAborted(signal);
      const [i, item] = next;
      try {
        results[i] = await act(item);
      } catch (error) {
        // Nothing more is begun.
        left.length = 0;
        throw error;
      }
      done += 1;
      const message = l10n.t('{done} of {count}', { done, count: items.length });
      progress({ step: 'offboard', level: 'info', message });
    }
  };
  await Promise.all(Array.from({ length: atATime }, work));
  return results;
}

/** What stays, in a line for each reason: thirty vehicles mostly have the same. */
function staysOf(planned: readonly Planned[]): string[] {
  const byReason = new Map<string, Set<string>>();
  for (const keep of planned.flatMap(({ plan }) => plan.keeps)) {
    const said = say(keep);
    const reason = keep.kind === 'text' ? keep.text : said;
    byReason.set(reason, (byReason.get(reason) ?? new Set()).add(said));
  }
  return [...byReason.values()].map((all) => {
    const [sentence = '', ...others] = all;
    const count = others.length;
    if (count === 0) return sentence;
    return sayPlural(
      count,
      l10n.t('{sentence} (1 more like this)', { sentence }),
      l10n.t('{sentence} ({count} more like this)', { sentence, count }),
    );
  });
}

function agreeToOne(
  { vehicle, place, plan }: Planned,
  isDriving: boolean,
  copy: string,
): Promise<string | undefined> {
  const driving = isDriving ? [vscode.l10n.t('It is being simulated: its trip ends first.'), ''] : [];
  const question = vscode.l10n.t('Offboard {0} from {1}?', vehicle.vin, vehicle.ref.stack);
  const detail = [
    place,
    '',
    ...driving,
    vscode.l10n.t('This is removed and cannot be undone:'),
    ...plan.removals.map(({ what }) => `• ${say(what)}`),
    '',
    ...plan.keeps.map(say),
  ];
  return ask(question, detail, copy);
}

function agreeToMany(planned: readonly Planned[], driving: number): Promise<string | undefined> {
  const places = [...new Set(planned.map(({ vehicle, place }) => `${vehicle.ref.stack} (${place})`))];
  const lines = planned.slice(0, SHOWN).map(({ vehicle: { vin }, plan: { removals } }) => {
    const count = removals.length;
    const words = sayPlural(count, l10n.t('1 thing'), l10n.t('{count} things', { count }));
    return `• ${vin}: ${words}`;
  });
  const more = planned.length - lines.length;
  return ask(vscode.l10n.t('Offboard {0} vehicles from {1}?', planned.length, places.join(', ')), [
    ...(driving > 0
      ? [
          sayPlural(
            driving,
            l10n.t('1 of them is being simulated: its trip ends first.'),
            l10n.t('{count} of them are being simulated: their trips end first.', { count: driving }),
          ),
          '',
        ]
      : []),
    vscode.l10n.t('This is removed and cannot be undone, with certificates and keys:'),
    ...lines,
    ...(more > 0 ? [vscode.l10n.t('… and {0} more', more)] : []),
    '',
    ...staysOf(planned),
  ]);
}

/** Undefined when the person says no. */
function ask(question: string, detail: readonly string[], ...more: string[]): Promise<string | undefined> {
  const buttons = [vscode.l10n.t('Offboard'), ...more];
  return notify.warn(question, { modal: true, detail: detail.join('\n') }, ...buttons);
}
