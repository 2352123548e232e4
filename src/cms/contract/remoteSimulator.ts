/** A simulator that the CMS runs itself, in the cloud. */
export interface RemoteSimulator {
  /** Bounds of one run. */
  readonly limits: { readonly vehicles: number; readonly seconds: number };
  /** @returns the id of the run */
  start(request: { vehicles: number; seconds: number }, signal: AbortSignal): Promise<string>;
  status(id: string, signal: AbortSignal): Promise<'running' | 'ended'>;
  stop(id: string, signal: AbortSignal): Promise<void>;
}
