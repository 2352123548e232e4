import { type OnboardingFields, schemaOf } from '../cms/contract/fields.ts';
import { l10n, type Message } from '../core/message.ts';
import { nearest } from './nearest.ts';

/** What the vehicles of every generation have, under the names that other programs and languages give it. */
const VIN_NAMES = ['fahrgestellnummer', 'fahrgestellnr', 'fin', 'fahrzeugidentnummer', 'fahrzeugidentifikationsnummer', 'vinnumber', 'vehicleidentificationnumber', 'chassis', 'chassisnumber', 'chassisno', 'framenumber', 'numérodechâssis', 'numerodechassis', 'numérodesérie', 'numerodibastidor', 'númerodebastidor', 'bastidor', 'telaio', 'numeroditelaio', '車台番号', '車両識別番号', '车架号', 'vehicleid', 'serialnumber']; // prettier-ignore

/** The columns that a CSV manifest may have. */
export interface Columns {
  /** All fields. */
  readonly known: readonly string[];
  /** What a cell of a column holds, as a JSON type. */
  typeOf(field: string): string | undefined;
  /** The field that a column is for; case, spaces, `-` and `_` in its name do not count. */
  fieldOf(column: string): string | undefined;
  /** Fields that no vehicle may lack. */
  readonly required: readonly string[];
  /** Says of columns that are no fields what they might be meant as, and which there are. */
  unknown(names: readonly string[]): Message;
  /** The fields that a column may be meant for, which is none; the likeliest first. */
  meant(column: string): readonly string[];
  /** Whether people write into the field what they like. */
  isFreeText(field: string): boolean;
  /** Whether a spreadsheet takes values of the field for dates. */
  isLikeDates(field: string): boolean;
}

/** What a manifest of vehicles with these fields may have. */
export function columnsOf(fields: Pick<OnboardingFields, 'schema' | 'columns'>): Columns {
  const { properties, required } = schemaOf(fields);
  const { otherNames = {}, freeText = [], likeDates = [] } = fields.columns ?? {};
  const known = Object.keys(properties);
  // They are told, not taken.
  const others = Object.entries({ vin: VIN_NAMES, ...otherNames });
  return {
    known,
    typeOf: (field) => properties[field]?.type,
    fieldOf: (column) => known.find((field) => plain(field) === plain(column)),
    required,
    unknown(names) {
      const list = names.map((name) => {
        const [field] = others.find(([, those]) => those.includes(plain(name))) ?? [];
        return field === undefined ? `"${name}"` : `"${name}" (${field}?)`;
      });
      const said = { names: list.join(', '), fields: known.join(', ') };
      return l10n.plural(
        names.length,
        l10n.t(
          'There is no field for {names}. Rename or remove this column. The fields are: {fields}.',
          said,
        ),
        l10n.t(
          'There is no field for {names}. Rename or remove these columns. The fields are: {fields}.',
          said,
        ),
      );
    },
    meant: (column) => {
      const named = others.filter(([, those]) => those.includes(plain(column))).map(([field]) => field);
      return named.length > 0 ? named : nearest(plain(column), known, plain);
    },
    isFreeText: (field) => freeText.includes(field),
    isLikeDates: (field) => likeDates.includes(field),
  };
}

/** A name by what counts in it. */
export function plain(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_.-]/g, '');
}
