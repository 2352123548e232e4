import * as z from 'zod';
import { ownSentence } from '../../core/issues.ts';
import { l10n } from '../../core/message.ts';
import type { VehicleRef } from '../../core/vehicleRef.ts';

/** Printable, and short enough for RFC 5280's upper bounds of a name. */
export const namePart = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^\P{Cc}*$/u, ownSentence(l10n.t('must not contain control characters')));

/**
 * What the subject of every certificate that a CA signs says besides the common name. These are the parts that a JITP
 * template can refer to (AWS IoT Developer Guide, "Just-in-time provisioning", parameters).
 */
export const subjectRuleSchema = z.strictObject({
  organization: namePart.optional(),
  organizationalUnit: namePart.optional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, ownSentence(l10n.t('must be two capital letters, such as US')))
    .optional(),
  stateName: namePart.optional(),
});
export type SubjectRule = z.infer<typeof subjectRuleSchema>;

/** A value and how it is written: the library reads a bare string as syntax, in which `#`, `"` and `\` mean something. */
type NameValue = { printableString: string } | { utf8String: string };

/** One entry of a name; the library writes each as a set of its own. */
export type NameParts = Record<string, NameValue[]>[];

/** What a PrintableString may have (X.680, 41.4). */
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

/** The common name is the thing: the one name a template gets of a vehicle. The serial number is its VIN. */
export function subjectOf({ thingName, vin }: VehicleRef, rule: SubjectRule): NameParts {
  return nameOf(thingName, rule, vin);
}

/** A name with what the rule has to say. `2.5.4.5` is the serial number, which the library has no short name for. */
export function nameOf(commonName: string, rule: SubjectRule, serialNumber?: string): NameParts {
  const parts: NameParts = [];
  const add = (type: string, value: string | undefined): void => {
    if (value !== undefined)
      parts.push({ [type]: [PRINTABLE.test(value) ? { printableString: value } : { utf8String: value }] });
  };
  add('C', rule.country);
  add('ST', rule.stateName);
  add('O', rule.organization);
  add('OU', rule.organizationalUnit);
  add('2.5.4.5', serialNumber);
  add('CN', commonName);
  return parts;
}
