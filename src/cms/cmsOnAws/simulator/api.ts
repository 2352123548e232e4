import * as z from 'zod';
import { enterPool } from '../../../aws/cognito/enterPool.ts';
import { createSession } from '../../../aws/cognito/session.ts';
import type { Connection } from '../../../aws/connection.ts';
import { refuseExposed } from '../../../aws/exposed.ts';
import { CmsError, isCmsError } from '../../../core/errors.ts';
import { parseJson } from '../../../core/json.ts';
import { l10n } from '../../../core/message.ts';
import { exponential, retry, type Retrying } from '../../../core/retry.ts';
import { Shared } from '../../../core/shared.ts';
import type { Credentials, PasswordNeed } from '../../contract/credentials.ts';
import type { StackInfo } from '../../contract/stacks.ts';

/** A simulation, as the simulator keeps it; numbers come as floats. */
const simulationSchema = z.object({
  sim_id: z.string(),
  name: z.string(),
  stage: z.string(),
  devices: z.array(z.object({ name: z.string() })),
});
export type Simulation = z.output<typeof simulationSchema>;

/** A value of a message; the simulator makes it up. */
export interface Attribute {
  name: string;
  type: 'bool' | 'float' | 'object' | 'pickOne' | 'string' | 'timestamp';
  static?: boolean;
  default?: string;
  precision?: number;
  arr?: string[];
  payload?: Attribute[];
}

export interface DeviceType {
  type_id: string;
  name: string;
  topic: string;
  payload: Attribute[];
}

/** The REST API of the module `cms-vehicle-simulator`, as far as it works. */
export interface SimulatorApi {
  readonly needs: PasswordNeed;
  /** Signs in; the calls below do it when they are the first. */
  signIn(signal: AbortSignal): Promise<void>;
  simulations(work: Retrying): Promise<readonly Simulation[]>;
  /** Makes a type of devices, or puts it in the place of the one that has its id. */
  putType(type: DeviceType, work: Retrying): Promise<void>;
  deleteType(id: string, work: Retrying): Promise<void>;
  putSimulation(
    simulation: { id: string; duration: number; interval: number; types: readonly DeviceType[] },
    work: Retrying,
  ): Promise<void>;
  deleteSimulation(id: string, work: Retrying): Promise<void>;
  /** Is sent once: what became of it after a lost answer, the stage tells. */
  start(id: string, work: Retrying): Promise<void>;
  /** False if the answer did not come in time: the work may go on all the same. */
  stop(id: string, work: Retrying): Promise<boolean>;
}

const POLICY = { attempts: 5, backoff: exponential(600, 4000) };
/** The gateway answered instead of the simulator. */
const GATEWAY = [502, 503, 504];

/** An answer that may be another one next time. */
class Unsettled extends Error {}

interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: object;
  /** Whether doing it twice is doing it once. */
  repeatable: boolean;
}

/** Undefined if the outputs of the stack do not say where it is. */
export function createSimulatorApi(
  connection: Connection,
  { appId, stack }: { appId: string; stack: StackInfo },
  credentials: Credentials,
): SimulatorApi | undefined {
  const { EndpointURL: url, userpoolid: userPoolId, consoleclientid: clientId } = stack.outputs;
  if (url === undefined || userPoolId === undefined || clientId === undefined) return undefined;
  const base = url.replace(/\/$/, '');
  const pool = { connection, userPoolId, clientId };
  const session = createSession(pool);
  const needs: PasswordNeed = {
    kind: 'password',
    realm: `cms-on-aws/${appId}/vehicle-simulator`,
    label: l10n.t('E-mail address of a user of the vehicle simulator of CMS'),
  };

  async function enter(signal: AbortSignal): Promise<void> {
    refuseExposed(base, 'token');
    const { tokens } = await enterPool(pool, await credentials.password(needs, signal), signal);
    session.start(tokens);
  }
  let entered: Shared<void> | undefined;
  function enterOnce(signal: AbortSignal): Promise<void> {
    const begun = (entered ??= new Shared(enter, () => (entered = undefined)));
    return begun.get(signal);
  }

  async function once({ method, path, body }: Call, { signal }: Retrying): Promise<unknown> {
    await enterOnce(signal);
    const ask = (token: string) =>
      connection.http().send({
        ...{ method, url: `${base}${path}`, signal },
        headers: { authorization: token, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const token = await session.idToken(signal);
    let reply = await ask(token);
    if (reply.status === 401) reply = await ask(await session.renew(token, signal));
    const { status, text } = reply;
    if (status === 429 || GATEWAY.includes(status)) throw new Unsettled(String(status));
    if (status === 401 || status === 403) throw unauthorized(status);
    if (status >= 400) throw refused(method, path, status);
    const read = parseJson(z.unknown(), text === '' ? 'null' : text);
    if (!read.ok) throw unexpected(path, read.problem);
    return read.value;
  }

  async function call(what: Call, work: Retrying): Promise<unknown> {
    try {
      return await retry(
        work,
        POLICY,
        () => once(what, work),
        // Too many calls are refused before anything is done.
        (error) =>
          (error instanceof Unsettled && (what.repeatable || error.message === '429')) ||
          (what.repeatable && isLost(error)),
      );
    } catch (error) {
      if (!(error instanceof Unsettled)) throw error;
      throw unavailable(what.path, Number(error.message));
    }
  }

  const write = (method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Call => ({
    ...{ method, path, repeatable: true },
    ...(body && { body }),
  });
  return {
    needs,
    signIn: enter,
    async simulations(work) {
      const answer = await call({ method: 'GET', path: '/simulation', repeatable: true }, work);
      const read = z.array(simulationSchema).safeParse(answer);
      if (read.success) return read.data;
      throw unexpected('/simulation', z.prettifyError(read.error));
    },
    async putType(type, work) {
      await call(write('POST', '/device/type', type), work);
    },
    async deleteType(id, work) {
      await call(write('DELETE', `/device/type/${encodeURIComponent(id)}`), work);
    },
    async putSimulation({ id, duration, interval, types }, work) {
      const devices = types.map(({ type_id, name }) => ({ type_id, name, amount: 1 }));
      await call(write('POST', '/simulation', { sim_id: id, name: id, duration, interval, devices }), work);
    },
    async deleteSimulation(id, work) {
      await call(write('DELETE', `/simulation/${encodeURIComponent(id)}`), work);
    },
    async start(id, work) {
      const path = `/simulation/${encodeURIComponent(id)}`;
      await call({ method: 'PUT', path, body: { action: 'start' }, repeatable: false }, work);
    },
    async stop(id, work) {
      const path = `/simulation/${encodeURIComponent(id)}`;
      try {
        await call({ method: 'PUT', path, body: { action: 'stop' }, repeatable: false }, work);
        return true;
      } catch (error) {
        if (isLost(error) || (isCmsError(error) && error.details.status === 504)) return false;
        throw error;
      }
    },
  };
}

function isLost(error: unknown): boolean {
  return isCmsError(error) && error.code === 'ENDPOINT_UNREACHABLE';
}

function unauthorized(status: number): CmsError {
  return new CmsError('CMS_UNAUTHORIZED', l10n.t('The vehicle simulator of CMS refuses the sign-in.'), {
    remedy: l10n.t('Sign in as a user of the simulator: it has a user pool of its own.'),
    details: { status },
  });
}

/** It says 500 for whatever it does not understand, too. */
function refused(method: string, path: string, status: number): CmsError {
  return new CmsError(
    'CMS_REQUEST_REFUSED',
    l10n.t('The vehicle simulator of CMS answered {status} to {call}.', {
      ...{ status, call: `${method} ${path}` },
    }),
    {
      remedy: l10n.t('Look at the log of its function in CloudWatch, then try again.'),
      details: { status },
    },
  );
}

function unavailable(path: string, status: number): CmsError {
  return new CmsError(
    'CMS_UNAVAILABLE',
    l10n.t('The vehicle simulator of CMS did not answer {path} in time ({status}).', { path, status }),
    { remedy: l10n.t('Try again in a minute.'), details: { status } },
  );
}

function unexpected(path: string, problem: string): CmsError {
  return new CmsError(
    'CMS_ANSWER_UNEXPECTED',
    l10n.t('The vehicle simulator of CMS answered {path} in another form than it does: {problem}', {
      ...{ path, problem },
    }),
    { remedy: l10n.t('Check that the stack of the module cms-vehicle-simulator is of release 2.0 to 3.0.') },
  );
}
