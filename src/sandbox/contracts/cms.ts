import type { MessageListener } from './aws.ts';
import type { HttpService } from './kernel.ts';

/** The REST APIs of the stacks, and the fleet manager's ingest. */
export interface CmsApis {
  /** `assetlibrary`, `facade`, `fleetmanager`: each serves `/execute-api/<apiId>/Prod/…`. */
  readonly services: HttpService[];
  /** Base URLs for the stack outputs: no trailing slash, ends `/Prod`. */
  urlsOf(cmsStack: string): { facade: string; fleetManager: string };
  urlOfCore(coreStack: string): { assetLibrary: string };
  readonly onMessage: MessageListener;
  /** A job's execution has come to its end: of an update over the air the fleet manager learns the version. */
  onJobEnded(execution: { jobId: string; thingName: string; status: string }): void;
  /** What the cloud received of a VIN, newest last. Answers `GET /_sandbox/vehicles/<VIN>/messages`. */
  messages(vin: string, query: URLSearchParams): unknown;
  /** Seeds templates, groups and policies into stacks that have none. */
  seed(): void;
}
