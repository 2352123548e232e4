import { defined } from '../../core/defined.ts';
import type { DriveToKeep } from '../../device/client/keptDrive.ts';
import type { KeptDrive, VehicleHistory } from '../../protocol/driveHistory.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { DrivePlan } from './driveWizard.ts';
import type { SimulationRun } from './run.ts';

interface Histories {
  readonly vehicles: readonly VehicleHistory[];
}

/** What is kept of a run: without its certificates, and without where they lead. */
export function keptDriveOf(run: Pick<SimulationRun, 'request'> & { history: Histories }): DriveToKeep {
  const { rate, speed, pace, end, events, eventRates, jobs, durationMs, routes, vehicles } = run.request;
  return {
    version: 1,
    drive: defined({ routes, rate, speed, pace, end, events, eventRates, jobs, durationMs }),
    vehicles: vehicles.map(({ vin, id, from, seed, powertrain }) =>
      defined({ vin, id, from, seed, powertrain }),
    ),
    history: [...run.history.vehicles],
  };
}

/** A run once more. */
export function planOfRun(run: SimulationRun): DrivePlan {
  const { drive, vehicles } = keptDriveOf(run);
  return planOf(run.ref, { drive: drive as KeptDrive['drive'], vehicles });
}

/** The same once more, with the vehicles there were. */
export function planOf(ref: StackRef, { drive, vehicles }: Pick<KeptDrive, 'drive' | 'vehicles'>): DrivePlan {
  const { routes, durationMs, ...rest } = drive;
  const [first] = vehicles;
  const alike = vehicles.every(({ powertrain }) => powertrain === first?.powertrain);
  return {
    ref,
    vehicles: vehicles.map(({ vin, id }) => ({ vin, id })),
    routes: routes.map(({ name, points }) => ({ name, points: points.map((point) => defined(point)) })),
    drive: { ...rest, ...defined({ durationMs }) },
    seed: first?.seed ?? 1,
    ...defined({ powertrain: alike ? first?.powertrain : undefined }),
    spread: vehicles.some(({ from = 0 }) => from > 0),
    record: false,
  };
}
