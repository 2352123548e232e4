import * as z from 'zod';
import { ownSentence } from '../../core/issues.ts';
import { l10n } from '../../core/message.ts';

const NO_NUMBER = ownSentence(l10n.t('must be a number'));

/**
 * The details of a vehicle as the asset library's template `auto_vehicle` takes them
 * (contract of CMS v1: enums are the template's own, spelling included).
 */
export const vehicleDetailsSchema = z.strictObject({
  make: z.string().trim().min(1).max(128).describe('Make of the vehicle'),
  model: z.string().trim().min(1).max(128).describe('Model of the vehicle'),
  modelYear: z
    .number({ error: ({ input }) => (input === undefined ? undefined : NO_NUMBER) })
    .int()
    .min(1920)
    .max(2100)
    .describe('Four digits, from 1920 up to two years from now'),
  bodyType: z.enum(['Saloon', 'Estate', 'SUV', 'Coupe']).describe('Kind of body'),
  fuelType: z
    .enum(['Gas', 'Diesel', 'EV', 'Hybrid_MHEV', 'Hybrid_PHEV'])
    .describe('What it runs on; EV drives on a battery'),
  transmissionType: z.enum(['Manual', 'Auto', 'EV']).describe('Kind of transmission'),
  colorCode: z.string().trim().min(1).max(32).describe("The maker's color code"),
  iviType: z.enum(['LoLine', 'HiLine', 'Premium']).describe('Kind of infotainment system'),
  marketCode: z.enum(['EUR', 'NA', 'CN']).optional().describe('Market of the vehicle'),
  countryCode: z.enum(['DE', 'FR', 'CN', 'GB', 'US']).optional().describe('Country of the vehicle'),
  transmissionAutoType: z
    .enum(['7-speed', '8-speed', '9-speed'])
    .optional()
    .describe('Gears of an automatic transmission'),
  transmissionManualType: z
    .enum(['5-speed', '6-speed'])
    .optional()
    .describe('Gears of a manual transmission'),
});
export type VehicleDetails = z.infer<typeof vehicleDetailsSchema>;

/** CMS takes model years up to two years from now. */
export function latestModelYear(now: number): number {
  return new Date(now).getUTCFullYear() + 2;
}

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
