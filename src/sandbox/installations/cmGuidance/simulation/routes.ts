/** The operations of the simulation API. */
export const SIMULATION_OPERATIONS = [
  'POST /api/simulation/start',
  'GET /api/simulation/status/{id}',
  'POST /api/simulation/stop/{id}',
  'GET /api/simulation/list',
  'GET /api/simulation/health',
  'GET /api/simulation/drivers',
  'GET /api/simulation/presets',
  'GET /api/simulation/campaigns',
  'GET /api/simulation/discover-iot-endpoint',
  'POST /api/simulation/agent/start',
  'POST /api/simulation/agent/stop',
  'GET /api/simulation/agent/status',
  'GET /api/simulation/agent/logs/{vin}',
  'GET /api/simulation/vehicle/{vehicleId}/faults',
  'PUT /api/simulation/vehicle/{vehicleId}/faults',
] as const;
