/** A function whose code came with a stack, as it is kept. */
export interface DeployedFunction {
  name: string;
  arn: string;
  /** JavaScript of `index.js`. */
  code: string;
  /** `index.<export>`. */
  handler: string;
  runtime: string;
  roleArn: string;
  timeoutMs: number;
  memoryMb: number;
  environment: Record<string, string>;
  /** Where it writes; absent in states of older sandboxes. */
  logGroup?: string;
}

/** Who besides the account may call a function. */
export interface FunctionPermission {
  functionName: string;
  /** Of a service, such as `iot.amazonaws.com`. */
  principal: string;
  sourceArn: string | undefined;
  sourceAccount: string | undefined;
}

/** What the process of a function is told, and what it answers. */
export interface ToFunction {
  id: number;
  payload: unknown;
}
/** What it is told first: JavaScript of `index.js`, and `index.<export>`. */
export interface FunctionCode {
  code: string;
  handler: string;
}
export type FromFunction =
  { id: number; result: unknown } | { id: number; failed: { type: string; message: string } };
