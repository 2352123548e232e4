/** A reader that is given what others made up. */
export interface Target {
  readonly name: string;
  /** Goes over a wire or a disk: gets a tenth of the inputs of the others. */
  readonly slow?: true;
  /** What it reads when all is well: the first inputs, and what others are made from. */
  readonly seeds: readonly (string | Uint8Array)[];
  /** Words that its language knows. */
  readonly words?: readonly string[];
  /** Of the sources whose branches count; what leads to a new one is kept and changed further. */
  readonly sources: readonly string[];
  open(): Promise<OpenTarget>;
}

export interface OpenTarget {
  /**
   * Reads an input, and gives in a word what became of it, such as an error's code. It throws for what must not
   * happen: an error that is none of the known kinds, an answer that contradicts itself.
   */
  read(input: Uint8Array): string | Promise<string>;
  /** Forgets what inputs have left behind, where that is meant to stay. Called now and then. */
  reset?(): Promise<void>;
  close?(): Promise<void>;
}

/** What must not happen has happened. */
export class Broken extends Error {
  override readonly name = 'Broken';
}
