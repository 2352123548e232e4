/** What the controller and the workers of a run share besides the run channel: plan and results, never a key. */
export interface Store {
  /** For people: where it is. */
  readonly label: string;
  /** @throws CmsError that says why it cannot be written */
  put(key: string, text: string): Promise<void>;
  /** Undefined for what is not there. */
  get(key: string): Promise<string | undefined>;
  /** The keys with this beginning, sorted. */
  list(prefix: string): Promise<string[]>;
  /** Whether this is a folder that holds no run at all, such as one that isn't mounted. */
  isEmpty?(): Promise<boolean>;
}
