import type { FieldProblem } from '../cms/contract/problems.ts';

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
}

export interface ManifestProblem extends FieldProblem {
  /** From 1; 0 is about the whole file. */
  line: number;
  /** What to underline; without it the line. */
  range?: TextRange | undefined;
}

export interface ManifestRows {
  rows: ManifestRow[];
  problems: ManifestProblem[];
}
