import { l10n } from '../core/message.ts';
import type { Columns } from './manifestColumns.ts';
import type { ManifestProblem, ManifestRow } from './manifestRows.ts';

/** Names that are no fields, each where it stands, in a format that has names in each row; and what is left. */
export function strangeKeys(
  { line, fields, keyOf, write }: ManifestRow,
  columns: Columns,
): { known: ManifestRow['fields']; strange: ManifestProblem[] } {
  if (keyOf === undefined) return { known: fields, strange: [] };
  const names = Object.keys(fields).filter((name) => !columns.known.includes(name));
  const strange = names.map((name) => ({
    ...{ line, field: '', range: keyOf(name) },
    message: l10n.t('There is no field {names}. The fields are: {fields}.', {
      names: `"${name}"`,
      fields: columns.known.join(', '),
    }),
    instead: columns
      .meant(name)
      .filter((field) => !Object.hasOwn(fields, field))
      .map(write),
  }));
  const known = Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
  return { known, strange };
}
