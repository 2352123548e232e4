/** The stacks of one CMS v1. */
export interface CmsStackSpec {
  name: string;
  /** Name of the CDF core stack it is paired with. Several may share one. */
  core: string;
}

/** Options that concern every CMS v1 of a sandbox. */
export interface CdfSettings {
  /** Milliseconds between an asset library event and the fleet manager knowing it (AWS: about 3,000). */
  eventDelayMs: number;
  /** The documented installation leaves the asset library open (`none`); the full one uses Cognito. */
  assetLibraryAuth: 'none' | 'cognito';
}

/** Base URLs of its APIs for the outputs of stacks: no trailing slash, ends `/Prod`. */
export interface CdfUrls {
  urlsOf(cmsStack: string): { facade: string; fleetManager: string };
  urlOfCore(coreStack: string): { assetLibrary: string };
}

/** The pool of a CMS, made on first use with the settings of its template. */
export interface CmsPools {
  poolOf(stackName: string): { userPoolId: string; userPoolArn: string; clientId: string };
}
