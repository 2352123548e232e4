import { type OnboardingFields, schemaOf } from '../cms/contract/fields.ts';
import { meantVin } from '../cms/contract/vin.ts';
import { plain } from './manifestColumns.ts';
import { nearest } from './nearest.ts';

/** What was meant by a value that a field does not take, or takes with a warning; the likeliest first. */
export type Meant = (field: string, value: string) => readonly string[];

/** For the fields of a generation: from the values that they take, and the names that people have for these. */
export function createMeant(fields: Pick<OnboardingFields, 'schema' | 'columns'>): Meant {
  const { properties } = schemaOf(fields);
  return (field, value) => {
    if (field === 'vin') {
      const vin = meantVin(value);
      return vin === undefined ? [] : [vin];
    }
    const values = (properties[field]?.enum ?? []).filter((each) => typeof each === 'string');
    const typed = plain(value);
    if (values.includes(value)) return [];
    const otherNames = fields.columns?.otherValues?.[field] ?? {};
    const isMeant = (each: string): boolean =>
      plain(each) === typed || otherNames[each]?.includes(typed) === true;
    const named = values.filter(isMeant);
    if (named.length > 0) return named;
    const begun = values.filter((each) => typed !== '' && plain(each).startsWith(typed));
    return begun.length > 0 ? begun : nearest(typed, values, plain);
  };
}
