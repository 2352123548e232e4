import type { Json } from '../../kit/json.ts';

/** A field of a message that the signal catalogue knows: the field, its path in the catalogue, unit, type. */
type Signal = readonly [field: string, path: string, unit: string, type: string];

const DOUBLE = 'double';
const FLAG = 'boolean';

const SIGNALS: readonly Signal[] = [
  ['speed', 'Vehicle.Speed', 'mph', DOUBLE],
  ['acceleration', 'Vehicle.Acceleration.Longitudinal', 'm/s^2', DOUBLE],
  ['deceleration', 'Vehicle.Acceleration.Braking', 'm/s^2', DOUBLE],
  ['lateralAcceleration', 'Vehicle.Acceleration.Lateral', 'm/s^2', DOUBLE],
  ['harsh_turn', 'Vehicle.Driving.HarshTurn', 'm/s^2', DOUBLE],
  ['harsh_acc', 'Vehicle.Driving.HarshAcceleration', 'm/s^2', DOUBLE],
  ['harsh_brk', 'Vehicle.Driving.HarshBraking', 'm/s^2', DOUBLE],
  ['engineRPM', 'Vehicle.Powertrain.CombustionEngine.Speed', 'rpm', DOUBLE],
  ['engineTemp', 'Vehicle.Powertrain.CombustionEngine.Temperature', 'degF', DOUBLE],
  ['coolant_temp', 'Vehicle.Powertrain.CombustionEngine.ECT', 'degF', DOUBLE],
  ['oilPressure', 'Vehicle.Powertrain.CombustionEngine.OilPressure', 'psi', DOUBLE],
  ['fuel_pressure', 'Vehicle.Powertrain.CombustionEngine.FuelPressure', 'psi', DOUBLE],
  ['turbo_boost', 'Vehicle.Powertrain.CombustionEngine.TurboBoost', 'psi', DOUBLE],
  ['tire_pressure_fl', 'Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.Pressure', 'psi', DOUBLE],
  ['tire_pressure_fr', 'Vehicle.Chassis.Axle.Row1.Wheel.Right.Tire.Pressure', 'psi', DOUBLE],
  ['tire_pressure_rl', 'Vehicle.Chassis.Axle.Row2.Wheel.Left.Tire.Pressure', 'psi', DOUBLE],
  ['tire_pressure_rr', 'Vehicle.Chassis.Axle.Row2.Wheel.Right.Tire.Pressure', 'psi', DOUBLE],
  ['tire_tread_fl', 'Vehicle.Chassis.Axle.Row1.Wheel.Left.Tire.Tread', 'mm', DOUBLE],
  ['tire_tread_fr', 'Vehicle.Chassis.Axle.Row1.Wheel.Right.Tire.Tread', 'mm', DOUBLE],
  ['tire_tread_rl', 'Vehicle.Chassis.Axle.Row2.Wheel.Left.Tire.Tread', 'mm', DOUBLE],
  ['tire_tread_rr', 'Vehicle.Chassis.Axle.Row2.Wheel.Right.Tire.Tread', 'mm', DOUBLE],
  ['tire_temp_max', 'Vehicle.Chassis.Tire.TemperatureMax', 'degF', DOUBLE],
  ['batteryVoltage', 'Vehicle.LowVoltageBattery.CurrentVoltage', 'V', DOUBLE],
  ['fuelLevel', 'Vehicle.Powertrain.FuelSystem.Level', 'percent', DOUBLE],
  ['oil_life', 'Vehicle.Service.OilLife', 'percent', DOUBLE],
  ['brake_wear', 'Vehicle.Service.BrakeWear', 'percent', DOUBLE],
  ['filter_life', 'Vehicle.Service.FilterLife', 'percent', DOUBLE],
  ['washer_fluid_level', 'Vehicle.Body.WasherFluid.Level', 'percent', DOUBLE],
  ['odometer', 'Vehicle.TraveledDistance', 'mi', DOUBLE],
  ['lat', 'Vehicle.CurrentLocation.Latitude', 'degrees', DOUBLE],
  ['lng', 'Vehicle.CurrentLocation.Longitude', 'degrees', DOUBLE],
  ['heading', 'Vehicle.CurrentLocation.Heading', 'degrees', DOUBLE],
  ['ignitionOn', 'Vehicle.Ignition.IsOn', '', FLAG],
  ['engineEvent', 'Vehicle.Powertrain.Event', '', 'string'],
  ['driverId', 'Vehicle.Driver.Identifier', '', 'string'],
  ['seatbeltStatus', 'Vehicle.Cabin.Seat.Driver.IsBelted', '', FLAG],
  ['phoneConnected', 'Vehicle.Cabin.Infotainment.PhoneConnected', '', FLAG],
  ['seatbelt', 'Vehicle.Driving.Seatbelt', '', 'int8'],
  ['phone_use', 'Vehicle.Driving.PhoneUse', '', 'int8'],
  ['aeb_act', 'Vehicle.ADAS.EBA.IsActive', '', 'int8'],
  ['abs_act', 'Vehicle.ADAS.ABS.IsActive', '', 'int8'],
  ['esc_act', 'Vehicle.ADAS.ESC.IsActive', '', 'int8'],
  ['airbag_warn', 'Vehicle.Safety.AirbagWarning', '', 'int8'],
  ['dtc_codes_active', 'Vehicle.OBD.HasActiveCodes', '', 'int8'],
  ['laneDepartureWarning', 'Vehicle.ADAS.LaneDeparture.IsWarning', '', 'int8'],
  ['followingDistance', 'Vehicle.ADAS.FollowingDistance', 'm', DOUBLE],
  ['forwardCollisionDistance', 'Vehicle.ADAS.ForwardCollisionDistance', 'm', DOUBLE],
  ['driverDrowsinessLevel', 'Vehicle.Driver.DrowsinessLevel', '', DOUBLE],
  ['engine_hours_total', 'Vehicle.Powertrain.EngineHours', 'h', DOUBLE],
  ['idle_hours_total', 'Vehicle.Powertrain.IdleHours', 'h', DOUBLE],
  ['is_ev', 'Vehicle.Powertrain.IsElectric', '', FLAG],
  ['soc', 'Vehicle.Powertrain.TractionBattery.StateOfCharge', 'percent', DOUBLE],
  ['volt', 'Vehicle.Powertrain.TractionBattery.Voltage', 'V', DOUBLE],
  ['regen_pwr', 'Vehicle.Powertrain.TractionBattery.RegenPower', 'kW', DOUBLE],
  ['ev_battery_temp_max', 'Vehicle.Powertrain.TractionBattery.TemperatureMax', 'degC', DOUBLE],
];

/** Rows of the signal catalogue. */
export const signalRows: readonly Json[] = SIGNALS.map(([field, path, unit, type], i) => ({
  signal_group: path.split('.').slice(0, 2).join('.'),
  signal_name: path,
  signal_id: `SIG-${String(i + 1).padStart(4, '0')}`,
  json_field: field,
  unit,
  data_type: type,
  actuator: false,
}));

type Operator = '<' | '<=' | '>' | '>=' | '==';
/** A rule: its id and type, the field, when it fires, how severe it is (1-4), the trouble code that follows. */
type Rule = readonly [
  type: string,
  field: string,
  operator: Operator,
  limit: number,
  severity: number,
  code?: string,
];

const SAFETY: readonly Rule[] = [
  ['SPEEDING', 'speed', '>', 80, 3],
  ['HARD_BRAKING', 'deceleration', '<', -3.9, 3],
  ['RAPID_ACCELERATION', 'acceleration', '>', 3.5, 2],
  ['HARSH_CORNERING', 'lateralAcceleration', '>', 4.4, 2],
  ['SEATBELT_VIOLATION', 'seatbeltStatus', '==', 0, 3],
  ['PHONE_USAGE', 'phone_use', '==', 1, 3],
  ['LANE_DEPARTURE', 'laneDepartureWarning', '==', 1, 2],
  ['TAILGATING', 'followingDistance', '<', 1.5, 2],
  ['AEB_ACTIVATION', 'aeb_act', '==', 1, 4],
  ['ESC_ACTIVATION', 'esc_act', '==', 1, 3],
];

const MAINTENANCE: readonly Rule[] = [
  ['ENGINE_TEMPERATURE', 'engineTemp', '>', 230, 3],
  ['ENGINE_OVERHEAT', 'engineTemp', '>=', 240, 4, 'P0217'],
  ['COOLANT_TEMPERATURE', 'coolant_temp', '>', 220, 3],
  ['OIL_PRESSURE', 'oilPressure', '<', 15, 3],
  ['OIL_PRESSURE_CRITICAL', 'oilPressure', '<=', 12, 4, 'P0520'],
  ['BATTERY_VOLTAGE', 'batteryVoltage', '<', 11.8, 2],
  ['BATTERY_CRITICAL', 'batteryVoltage', '<=', 11, 4, 'P0562'],
  ['OIL_LIFE', 'oil_life', '<', 10, 2],
  ['BRAKE_WEAR', 'brake_wear', '<', 20, 3],
  ['TIRE_TREAD_FL', 'tire_tread_fl', '<', 2, 3],
  ['TIRE_TREAD_FR', 'tire_tread_fr', '<', 2, 3],
  ['TIRE_TREAD_RL', 'tire_tread_rl', '<', 2, 3],
  ['TIRE_TREAD_RR', 'tire_tread_rr', '<', 2, 3],
  ['TURBO_BOOST', 'turbo_boost', '<', 2, 1],
  ['TROUBLE_CODE', 'dtc_codes_active', '==', 1, 3],
  ['EV_CHARGE', 'soc', '<', 5, 3],
  ['EV_VOLTAGE', 'volt', '<', 300, 3],
];

const rowsOf = (category: string, rules: readonly Rule[]): Json[] =>
  rules.map(([type, field, operator, limit, severity, code]) => ({
    event_id: `${category}-${type.toLowerCase().replaceAll('_', '-')}`,
    category,
    event_type: type,
    json_fields: field,
    threshold_operator: operator,
    threshold_value: limit,
    severity,
    ...(code === undefined ? {} : { dtc_code: code }),
  }));

/** Rows of the event catalogue. */
export const eventRows: readonly Json[] = [
  ...rowsOf('safety', SAFETY),
  ...rowsOf('maintenance', MAINTENANCE),
];
