import type { IotRegistry } from '../../../services/iot/contract.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { Faults } from '../../../kernel/faults.ts';
import type { Library } from '../library/library.ts';

/** What the facade of one CMS stack works with. */
export interface FacadeDeployment {
  library: Library;
  registry: Pick<IotRegistry, 'registerThing'>;
  publish: (topic: string, payload: string) => void;
  clock: Clock;
  faults: Faults;
}

export const paths = { vehicles: '/auto/vehicles', users: '/auto/users' };
export const templates = {
  vehicle: 'auto_vehicle',
  ecu: 'auto_ecu',
  user: 'auto_user',
  supplier: 'auto_supplier',
};
