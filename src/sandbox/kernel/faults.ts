export interface Fault {
  /**
   * `iot:CreateThing`, `cognito-idp:SignUp`, `facade:POST /users`, `mqtt:publish`, `mqtt:connect`, `mqtt:claim`, `lambda:hook`, …
   * `*` at the end matches any tail.
   */
  operation: string;
  /** How many calls it affects. */
  count: number;
  action:
    | { kind: 'error'; code: string; message?: string; status?: number }
    | { kind: 'throttle' }
    /** Waits, then answers as usual. */
    | { kind: 'delay'; ms: number }
    /** Never answers. */
    | { kind: 'hang' }
    /** The connection is reset before the call is performed, or after it was performed but before the answer. */
    | { kind: 'reset'; when: 'before' | 'after' }
    /** MQTT: the connection drops before or after the acknowledgment. */
    | { kind: 'drop'; when: 'before-ack' | 'after-ack' }
    /** MQTT reserved topics: the answer is swallowed, or sent twice. */
    | { kind: 'swallow' }
    | { kind: 'twice' };
}

export interface Faults {
  add(fault: Fault): void;
  /**
   * Returns the action for this call and counts it as used once. A fault for `operation:detail` (such as
   * `mqtt:publish:TOPIC`) takes precedence over one for the whole operation.
   */
  take(operation: string, detail?: string): Fault['action'] | undefined;
  list(): Fault[];
  clear(): void;
}

/** The faults to inject. Of several that match, the oldest one applies. */
export function createFaults(): Faults {
  let faults: Fault[] = [];
  return {
    add(fault) {
      if (fault.count > 0) faults.push({ ...fault });
    },
    take(operation, detail) {
      const find = (name: string) => faults.find((fault) => matches(fault.operation, name));
      const hit = (detail === undefined ? undefined : find(`${operation}:${detail}`)) ?? find(operation);
      if (!hit) return undefined;
      hit.count--;
      if (hit.count <= 0) faults = faults.filter((fault) => fault !== hit);
      return hit.action;
    },
    list: () => faults.map((fault) => ({ ...fault })),
    clear() {
      faults = [];
    },
  };
}

/** `*` at the end of a pattern matches any rest; everything else is compared literally. */
function matches(pattern: string, operation: string): boolean {
  return pattern.endsWith('*') ? operation.startsWith(pattern.slice(0, -1)) : pattern === operation;
}
