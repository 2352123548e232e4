import { vehicleDetailsSchema } from '../cms/vehicle.ts';
import type { FieldProblem } from './problems.ts';
import { checkRequest, vehicleRequestSchema } from './request.ts';

// Requests as forms fill them in: every field is text; an empty one is left out.

/** Fields that each vehicle must bring. */
const WITHOUT_DEFAULT = new Set(['vin', 'username', 'firstName', 'lastName']);
const NUMBERS = new Set(['modelYear', 'latitude', 'longitude']);

/** The request's fields with numbers as numbers; empty texts are left out. Checks nothing. */
export function requestFromText(fields: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value.trim() !== '')
      .map(([key, value]) => [
        key,
        NUMBERS.has(key) && Number.isFinite(Number(value)) ? Number(value) : value.trim(),
      ]),
  );
}

/** What is wrong with a filled-in form; empty when it can be used. */
export function requestProblems(fields: Readonly<Record<string, string>>, now: number): FieldProblem[] {
  const checked = checkRequest(requestFromText(fields), now);
  return checked.ok ? [] : checked.problems;
}

/** The defaults of every field that has one, as text; those that are used by name are sure to be there. */
export function requestDefaults(): Record<string, string> & { templateName: string } {
  const parsed = vehicleRequestSchema.parse({
    vin: '',
    username: '',
    firstName: '-',
    lastName: '-',
  });
  const defaults = Object.fromEntries(
    Object.entries(parsed).flatMap(([key, value]) =>
      !WITHOUT_DEFAULT.has(key) && (typeof value === 'string' || typeof value === 'number')
        ? [[key, String(value)]]
        : [],
    ),
  );
  return { ...defaults, templateName: parsed.templateName };
}

const { bodyType, fuelType, transmissionType, iviType } = vehicleDetailsSchema.shape;

/** The values the vehicle template allows, spelled as it spells them. */
export const vehicleChoices = {
  bodyType: bodyType.options,
  fuelType: fuelType.options,
  transmissionType: transmissionType.options,
  iviType: iviType.options,
};
