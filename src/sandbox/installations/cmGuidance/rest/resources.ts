import type { Switches } from '../spec.ts';

/** The resources that the CDK makes at the gateway, with their methods; `*` stands for one segment. */
const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  '/api': [],
  '/api/v1': [],
  '/api/v1/fleets': ['GET', 'POST'],
  '/api/v1/fleets/*': ['GET'],
  '/api/v1/fleets/*/vehicles': ['GET'],
  '/api/v1/vehicles': ['GET', 'POST'],
  '/api/v1/vehicles/locations': ['GET'],
  '/api/v1/vehicles/*': ['GET'],
  '/api/v1/vehicles/*/trips': ['GET'],
  '/api/v1/vehicles/*/trips/*': ['GET'],
  '/api/v1/vehicles/*/safety-alerts': ['GET'],
  '/api/v1/vehicles/*/maintenance-alerts': ['GET'],
  '/api/v1/trips': ['GET'],
  '/api/v1/safety-alerts': ['GET'],
  '/api/v1/maintenance-alerts': ['GET'],
  '/api/v1/dashboard': [],
  '/api/v1/dashboard/metrics': ['GET'],
  '/api/v1/dashboard/fleet-comparison': ['GET'],
  '/api/v1/fleet-intelligence': [],
  '/api/v1/fleet-intelligence/*': ['GET'],
  '/realtime': [],
  '/realtime/vehicles': ['GET'],
  '/realtime/trips': ['GET'],
  '/discover-iot-endpoint': ['GET'],
};

/** The resources with methods that somebody may have added by hand. */
const CHANGED_BY_HAND = ['/api/v1/vehicles/*', '/api/v1/fleets/*'];

/**
 * Whether API Gateway has a method for a call. The most specific resource decides alone: a method that it lacks is not
 * looked for at `/{proxy+}`.
 */
export function hasMethod(method: string, path: string, { change, proxy }: Switches): boolean {
  const resource = resourceOf(path);
  if (resource === undefined) return path !== '/' && (proxy === 'reached' || !path.startsWith('/api/v1/'));
  const methods = RESOURCES[resource] ?? [];
  if (methods.length > 0 && method === 'OPTIONS') return true;
  if (methods.includes(method)) return true;
  return change === 'present' && CHANGED_BY_HAND.includes(resource) && ['PUT', 'DELETE'].includes(method);
}

/** A literal segment goes before a parameter. */
function resourceOf(path: string): string | undefined {
  const segments = path.replace(/\/$/, '').split('/');
  const fits = Object.keys(RESOURCES).filter((resource) => {
    const wanted = resource.split('/');
    return (
      wanted.length === segments.length &&
      wanted.every((each, i) => each === segments[i] || (each === '*' && segments[i] !== ''))
    );
  });
  return fits.sort((a, b) => a.split('*').length - b.split('*').length)[0];
}
