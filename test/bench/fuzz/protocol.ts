/** What the program asks of the process that reads the inputs of one target. */
export interface Order {
  target: string;
  /** The file in `targets/` that has it: the code of the others is not loaded, which every look at branches would walk. */
  group: string;
  seed: string;
  /** Number of the first input, and of the one after the last. */
  from: number;
  to: number;
  /** This input and no other. */
  input?: string;
  /** Where an input goes that ends the process. */
  hangFile: string;
  hangMs: number;
}

export interface Crash {
  kind: 'crash';
  number: number;
  /** Base64. */
  input: string;
  what: string;
}

export interface Done {
  kind: 'done';
  cases: number;
  seconds: number;
  slowestMs: number;
  slowestBytes: number;
  /** New branches found, and inputs kept for them. */
  branches: number;
  kept: number;
  /** MiB after garbage collection, from a quarter of the way to its end. */
  growth: number;
  outcomes: Record<string, number>;
}

export interface Progress {
  kind: 'progress';
  number: number;
}

export type Report = Crash | Done | Progress;
