import type { Command } from 'commander';
import { everyItem } from '../cms/pages.ts';
import { l10n } from '../core/message.ts';
import { listVehicles, type VehicleListing } from '../onboarding/listVehicles.ts';
import { EXIT } from './exitCodes.ts';
import { columns } from './format.ts';
import { openSignedIn } from './open.ts';
import {
  type CmsFlags,
  count,
  examples,
  type SignInFlags,
  withCms,
  withOutput,
  withSignIn,
} from './options.ts';
import { inSession, type Session } from './session.ts';

type ListFlags = CmsFlags & SignInFlags & { limit?: number };
type Opened = Awaited<ReturnType<typeof openSignedIn>>;

/** A list command: its columns, and a source of items that loads them page by page. */
interface List<T> {
  name: string;
  description: string;
  headings: string[];
  widths: number[];
  items(opened: Opened, signal: AbortSignal): AsyncIterable<T>;
  /** The item as printed with --json. */
  object(item: T): object;
  cells(item: T): string[];
}

export function addVehicles(program: Command): void {
  addList(program, {
    name: 'vehicles',
    description: 'list vehicles with device, owner, certificate and what was last seen of them',
    headings: ['VIN', 'VEHICLE', 'OWNER', 'DEVICE', 'CERTIFICATE', 'LAST SEEN'],
    widths: [17, 22, 18, 11, 28, 20],
    items: (opened, signal) => listVehicles(opened, signal),
    object: (item) => item,
    cells: ({ vehicle, device, certificate, live }: VehicleListing) => [
      vehicle.vin,
      `${vehicle.make} ${vehicle.model} ${vehicle.modelYear}`,
      vehicle.owners.join(', ') || '-',
      device?.status ?? '-',
      certificateText(certificate),
      live?.position
        ? `${live.position.latitude.toFixed(4)}, ${live.position.longitude.toFixed(4)}`
        : 'never',
    ],
  });
}

export function addUsers(program: Command): void {
  addList(program, {
    name: 'users',
    description: 'list CMS users',
    headings: ['USER', 'NAME', 'E-MAIL'],
    widths: [24, 32, 32],
    items: ({ deployment }, signal) =>
      everyItem((page) => deployment.users(page, signal), l10n.t('listing the users')),
    object: (user) => user,
    cells: (user) => [user.username, `${user.firstName} ${user.lastName}`, user.email ?? '-'],
  });
}

export function addSuppliers(program: Command): void {
  addList(program, {
    name: 'suppliers',
    description: 'list suppliers of devices',
    headings: ['SUPPLIER', 'EXTERNAL ID'],
    widths: [40, 40],
    items: ({ deployment }, signal) =>
      everyItem((page) => deployment.suppliers(page, signal), l10n.t('listing the suppliers')),
    object: (supplier) => supplier,
    cells: (supplier) => [supplier.name, supplier.externalId],
  });
}

function addList<T>(program: Command, list: List<T>): void {
  const command = program.command(list.name).description(list.description);
  command.option('--limit <n>', 'stop after so many', count);
  withSignIn(command);
  withCms(command);
  examples(
    withOutput(command),
    `CMS_PASSWORD=… cms-enablement ${list.name} --stack cms-dev1 --username testCMSUser1`,
    `cms-enablement ${list.name} --username testCMSUser1 --json --limit 100`,
  );
  command.action((flags: ListFlags) => inSession(flags, (session) => show(list, flags, session)));
}

async function show<T>(list: List<T>, flags: ListFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const opened = await openSignedIn(flags, session);
  let shown = 0;
  for await (const item of list.items(opened, work.signal)) {
    if (shown === 0) output.note(columns(list.headings, list.widths));
    output.result(list.name.slice(0, -1), list.object(item), columns(list.cells(item), list.widths));
    shown++;
    if (shown === flags.limit) break;
  }
  if (shown === 0) output.note(`There are no ${list.name}.`);
  return EXIT.ok;
}

function certificateText({ local, cloud }: VehicleListing['certificate']): string {
  const [first] = cloud;
  const there = first === undefined ? 'none in AWS' : `${first.id.slice(0, 8)} ${first.status}`;
  if (local === 'unusable') return `${there}, unusable here`;
  if (local === undefined) return there;
  return local.certificateId === first?.id ? `${there}, here` : `${there}, another here`;
}
