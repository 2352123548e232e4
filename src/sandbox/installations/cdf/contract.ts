import type { MessageListener } from '../../broker/contract.ts';
import type { HttpService } from '../../kernel/http.ts';

/** The REST APIs of the stacks, and the fleet manager's ingest. */
export interface CmsApis {
  /** `assetlibrary`, `facade`, `fleetmanager`: each serves `/execute-api/<apiId>/Prod/…`. */
  readonly services: HttpService[];
  /** Base URLs for the stack outputs: no trailing slash, ends `/Prod`. */
  urlsOf(cmsStack: string): { facade: string; fleetManager: string };
  urlOfCore(coreStack: string): { assetLibrary: string };
  readonly onMessage: MessageListener;
  /** Call when a job execution has ended. The fleet manager learns the new version from over-the-air updates. */
  onJobEnded(execution: { jobId: string; thingName: string; status: string }): void;
  /** The messages received for a VIN, newest last. Used for `GET /_sandbox/vehicles/<VIN>/messages`. */
  messages(vin: string, query: URLSearchParams): unknown;
  /** Creates templates, groups and policies in stacks that have none. */
  seed(): void;
}
