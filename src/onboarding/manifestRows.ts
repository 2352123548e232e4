import type { FieldProblem } from '../cms/contract/problems.ts';
import { l10n, type Message } from '../core/message.ts';

/** A part of a text. */
export interface TextRange {
  offset: number;
  length: number;
}

/** A vehicle as it stands in a file. */
export interface ManifestRow {
  /** From 1. */
  line: number;
  fields: Record<string, unknown>;
  /** Fields whose problem has been said already. */
  settled?: readonly string[];
  /** Where a field's value stands, if this row has it and the format tells. */
  rangeOf?: (field: string) => TextRange | undefined;
  /** Where the name of a field stands, in a format in which each row has its own names. */
  keyOf?: (field: string) => TextRange | undefined;
  /** How a text is written into the place of a value. */
  write: (text: string) => string;
}

export interface ManifestProblem extends FieldProblem {
  /** From 1; 0 is about the whole file. */
  line: number;
  /** What to underline; without it the line. */
  range?: TextRange | undefined;
  /** What was meant, perhaps, as it is written into the place of `range`; the likeliest first. */
  instead?: readonly string[] | undefined;
  /** The vehicle can be onboarded all the same. */
  isWarning?: boolean;
  /** The same in detail, for each of the places where it stands. */
  parts?: readonly ManifestProblem[];
}

export interface ManifestRows {
  rows: ManifestRow[];
  problems: ManifestProblem[];
}

/** A file with so many problems that the rest of it was left alone. */
export function notChecked(): Message {
  return l10n.t('The rest was not checked: fix the problems listed first.');
}
