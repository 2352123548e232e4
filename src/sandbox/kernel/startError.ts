/** Exit codes of the sandbox process, so that scripts can tell the cases apart. */
export const exitCodes = {
  failed: 1,
  'bad-arguments': 2,
  'port-taken': 3,
  'state-not-writable': 4,
  'state-locked': 5,
  'state-unreadable': 6,
} as const;

export type StartProblem = keyof typeof exitCodes;

/** Why the sandbox cannot start or continue, with a message for people. */
export class StartError extends Error {
  readonly problem: StartProblem;
  constructor(problem: StartProblem, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StartError';
    this.problem = problem;
  }
}

/** The system error code (`EADDRINUSE`, `ENOENT`, …) of a thrown value. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Explains why a port could not be opened. Returns other errors unchanged. */
export function portProblem(name: 'HTTP' | 'MQTT', port: number, error: Error): Error {
  const code = systemCode(error);
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const why = code === 'EADDRINUSE' ? 'another program has it' : 'this user may not open it';
  return new StartError('port-taken', `${name} port ${port} cannot be used: ${why}.`, error);
}
