import { join, resolve } from 'node:path';
import type { Place, Question, ReachedDeployment, ToolHost } from '../../automation/host.ts';
import { createCloudIdentities } from '../../aws/iot/cloudIdentities.ts';
import type { Connection } from '../../aws/connection.ts';
import { findDeployments } from '../../cms/discover.ts';
import { defined } from '../../core/defined.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { english } from '../../core/wording.ts';
import { type DeviceProcess, startDevice } from '../../device/client/deviceProcess.ts';
import type { OnboardDeps } from '../../onboarding/onboardDeps.ts';
import { createCertificateStore } from '../../provisioning/certificateStore.ts';
import { connect, credentialsOf, finder } from '../open.ts';
import type { CmsFlags, RoleFlags } from '../options.ts';
import { forTerminal } from '../output.ts';
import type { Session } from '../session.ts';
import { signInOptionsOf } from '../signInOptions.ts';
import type { Served } from './protocol.ts';
import { Runs } from './runs.ts';

export type McpFlags = CmsFlags & RoleFlags & { username?: string };

/** One account and region, with the credentials that the server was started with. */
export class McpHost implements ToolHost {
  readonly simulations: Runs;
  readonly sampleRoutes = join(__dirname, '../media/routes');
  readonly errorsPage = join(__dirname, '../docs/errors.md');
  readonly #flags: McpFlags;
  readonly #session: Session;
  readonly #ask: Served['ask'];
  #connection: Promise<Connection> | undefined;
  #device: Promise<DeviceProcess> | undefined;

  constructor(flags: McpFlags, session: Session, ask: Served['ask']) {
    this.#flags = flags;
    this.#session = session;
    this.#ask = ask;
    this.simulations = new Runs(session.work);
  }

  async deployments(signal: AbortSignal): Promise<ReachedDeployment[]> {
    const connection = await this.#connect();
    const found: ReachedDeployment[] = [];
    for await (const { name, generation, state } of findDeployments(
      connection,
      signal,
      this.#session.generations,
    )) {
      const { region, label } = connection;
      found.push({ name, generation, region, connection: english(label), state });
    }
    return found;
  }

  async at<T>(
    { deployment }: { deployment: string | undefined },
    { signal }: { signal: AbortSignal },
    use: (place: Place) => Promise<T>,
  ): Promise<T> {
    const connection = await this.#connect();
    const flags = { ...this.#flags, ...(deployment === undefined ? {} : { deployment }) };
    if (deployment !== undefined) delete flags.stack;
    const certificates = createCertificateStore(resolve(flags.certs));
    const find = (who: Parameters<typeof credentialsOf>[0], more?: Parameters<typeof credentialsOf>[2]) =>
      finder(connection, flags, this.#session, credentialsOf(who, this.#session, more));
    return use({
      connection,
      certificates,
      deployment: await find({ ...defined({ username: flags.username }) })(signal),
      cloud: createCloudIdentities(connection),
      workDeps: async (of): Promise<OnboardDeps> => {
        const { signIn } = of?.fields ?? {};
        const named: unknown = signIn && Reflect.get(of?.request ?? {}, signIn.field);
        const address: unknown = signIn?.emailField && Reflect.get(of?.request ?? {}, signIn.emailField);
        const username = flags.username ?? (typeof named === 'string' ? named : undefined);
        return {
          ...{ connection, certificates, device: await this.device() },
          findDeployment: find(defined({ username }), {
            ...(of === undefined ? {} : { options: signInOptionsOf(of.fields, {}) }),
            ...(typeof address === 'string' ? { email: address } : {}),
          }),
          ...defined({ roleBoundary: flags.roleBoundary }),
        };
      },
    });
  }

  device(): Promise<DeviceProcess> {
    this.#device ??= startDevice().then((device) => this.#session.use(device));
    return this.#device;
  }

  fileOf(path: string): string {
    return resolve(path);
  }

  async confirm({ title, lines }: Question, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#ask(forTerminal([title, ...lines].map(english).join('\n')), signal);
    if (answer !== 'unasked') return answer === 'agreed';
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('Something would be removed, and this client cannot ask anybody (it has no elicitation).'),
      { remedy: l10n.t('Nothing was removed. A person can run "cms-enablement offboard" in a terminal.') },
    );
  }

  /** Opened when the first tool needs it, and kept: another would ask for the code of MFA again. */
  #connect(): Promise<Connection> {
    const opening = (this.#connection ??= connect(this.#flags, this.#session));
    opening.catch(() => {
      if (this.#connection === opening) this.#connection = undefined;
    });
    return opening;
  }
}
