import { randomUUID } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import type { RoleSessions } from '../iam/roleSessions.ts';
import type { Logs } from '../logs/logs.ts';
import type { DeployedFunction, FunctionPermission } from './contract.ts';
import { startFunctionProcess, type FunctionProcess } from './functionProcess.ts';
import { FunctionError, type FunctionWork } from './functions.ts';

/** The functions that stacks deploy with their code: each runs in processes of its own. */
export interface DeployedFunctions {
  put(deployed: DeployedFunction): void;
  find(name: string): DeployedFunction | undefined;
  remove(name: string): void;
  /** What a call of one does; undefined if there is none. */
  workOf(name: string): FunctionWork | undefined;
  permit(id: string, permission: FunctionPermission): void;
  forbid(id: string): void;
  /** Whether a service may call a function on behalf of a resource. */
  mayInvoke(name: string, principal: string, sourceArn: string): boolean;
  /** Ends all processes. */
  close(): void;
}

/** "Lambda quotas" has 1,000 at once; one machine has less room. */
const MOST_AT_ONCE = 8;

export function createDeployedFunctions(
  context: Context,
  sessions: Pick<RoleSessions, 'open'>,
  logs: Pick<Logs, 'put'>,
): DeployedFunctions {
  const functions = context.store.table<DeployedFunction>('lambda.functions');
  const permissions = context.store.table<FunctionPermission>('lambda.permissions');
  const pools = new Map<string, Set<FunctionProcess>>();

  function end(name: string): void {
    for (const each of pools.get(name) ?? []) each.end();
    pools.delete(name);
  }

  function free(deployed: DeployedFunction): FunctionProcess {
    const { name, roleArn } = deployed;
    const pool = pools.get(name) ?? new Set<FunctionProcess>();
    pools.set(name, pool);
    const idle = [...pool].find(({ busy }) => !busy);
    if (idle !== undefined) return idle;
    if (pool.size >= MOST_AT_ONCE) throw new FunctionError('TooManyRequestsException', 'Rate Exceeded.');
    const stream = `[$LATEST]${randomUUID().replaceAll('-', '')}`;
    const { logGroup = `/aws/lambda/${name}` } = deployed;
    const started = startFunctionProcess(context, deployed, {
      credentials: sessions.open(roleArn, name),
      write: (line) => logs.put(logGroup, stream, line),
      onEnd: () => pool.delete(started),
    });
    pool.add(started);
    return started;
  }

  return {
    put(deployed) {
      functions.set(deployed.name, deployed);
      // A process that runs has the code of before.
      end(deployed.name);
    },
    find: (name) => functions.get(name),
    remove(name) {
      functions.delete(name);
      end(name);
    },
    workOf: (name) => {
      const deployed = functions.get(name);
      return deployed && ((payload) => free(deployed).invoke(payload));
    },
    permit: (id, permission) => permissions.set(id, permission),
    forbid: (id) => void permissions.delete(id),
    mayInvoke: (name, principal, sourceArn) =>
      [...permissions.values()].some(
        (each) =>
          each.functionName === name &&
          each.principal === principal &&
          (each.sourceArn === undefined || each.sourceArn === sourceArn) &&
          (each.sourceAccount === undefined || each.sourceAccount === context.config.accountId),
      ),
    close() {
      for (const name of [...pools.keys()]) end(name);
    },
  };
}
