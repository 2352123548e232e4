import { derived } from './stack.ts';

/** A resource of a stack that was made from a template. */
export interface Resource {
  logicalId: string;
  type: string;
  physicalId: string;
  properties: unknown;
  attributes: Readonly<Record<string, string>>;
}

export interface StackEvent {
  logicalId: string;
  physicalId: string;
  type: string;
  status: string;
  reason: string | undefined;
  /** Milliseconds since 1970. */
  at: number;
}

export interface StackRecord {
  name: string;
  id: string;
  status: string;
  template: string;
  parameters: Record<string, string>;
  /** What an update that fails goes back to. */
  before?: Pick<StackRecord, 'template' | 'parameters'>;
  resources: Resource[];
  outputs: { key: string; value: string; description?: string }[];
  capabilities: string[];
  createdAt: number;
  sequence: number;
  events: StackEvent[];
}

export interface StackInput {
  name: string;
  template: string;
  parameters: Readonly<Record<string, string>>;
  capabilities: readonly string[];
}

/** As CloudFormation makes names up. */
export function physicalName({ name, id }: StackRecord, logicalId: string): string {
  const ending = derived(`${id}/${logicalId}`, 12, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789');
  return `${name.slice(0, 30)}-${logicalId.slice(0, 19)}-${ending}`;
}
