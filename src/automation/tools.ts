import { diagnoseVehicle, explainError, listDeployments, listVehiclesTool } from './lookTools.ts';
import { offboardVehicle, onboardVehicle } from './onboardTools.ts';
import { listSimulations, simulateDrive, stopSimulation } from './simulationTools.ts';
import type { Tool } from './tool.ts';

/** Every tool there is; both front ends offer all of them. */
export const TOOLS: readonly Tool[] = [
  listDeployments,
  listVehiclesTool,
  onboardVehicle,
  diagnoseVehicle,
  simulateDrive,
  listSimulations,
  stopSimulation,
  offboardVehicle,
  explainError,
];
