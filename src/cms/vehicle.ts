import { z } from 'zod';

/**
 * The details of a vehicle as the asset library's template `auto_vehicle` takes them
 * (contract of CMS v1: enums are the template's own, spelling included).
 */
export const vehicleDetailsSchema = z.strictObject({
  make: z.string().trim().min(1).max(128),
  model: z.string().trim().min(1).max(128),
  modelYear: z.number().int().min(1920).max(2100).describe('Four digits, 1920 up to two years from now'),
  bodyType: z.enum(['Saloon', 'Estate', 'SUV', 'Coupe']),
  fuelType: z.enum(['Gas', 'Diesel', 'EV', 'Hybrid_MHEV', 'Hybrid_PHEV']),
  transmissionType: z.enum(['Manual', 'Auto', 'EV']),
  colorCode: z.string().trim().min(1).max(32),
  iviType: z.enum(['LoLine', 'HiLine', 'Premium']),
  marketCode: z.enum(['EUR', 'NA', 'CN']).optional(),
  countryCode: z.enum(['DE', 'FR', 'CN', 'GB', 'US']).optional(),
  transmissionAutoType: z.enum(['7-speed', '8-speed', '9-speed']).optional(),
  transmissionManualType: z.enum(['5-speed', '6-speed']).optional(),
});
export type VehicleDetails = z.infer<typeof vehicleDetailsSchema>;

/** What onboarding fills in when nothing is said. */
export const defaultVehicleDetails: VehicleDetails = {
  make: 'Acme',
  model: 'DN',
  modelYear: 2019,
  bodyType: 'Saloon',
  fuelType: 'Gas',
  transmissionType: 'Auto',
  colorCode: 'B1B!',
  iviType: 'Premium',
};
