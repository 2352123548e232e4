import type { Powertrain } from './drive.ts';

/** Of the fuel types that CMS v1 knows, the one without petrol; plug-in hybrids are driven on theirs. */
export function powertrainOf(fuelType: string | undefined): Powertrain {
  return fuelType === 'EV' ? 'electric' : 'combustion';
}
