import { at } from './at.ts';
import { LIMITS } from './limits.ts';
import type { Path } from './path.ts';

/**
 * The lateral acceleration from the bends at both ends of a leg. Each is strongest at its point and fades to zero where
 * the other begins, so that over the whole bend the vehicle turns as far as the path. Limited to what drivers accept.
 * @param leg the leg that contains the position, or ends at it
 * @returns meters per second squared; positive in a bend to the right
 */
export function lateralAcceleration(
  { distances, bends }: Path,
  leg: number,
  position: number,
  speed: number,
): number {
  const start = at(distances, leg);
  const end = at(distances, leg + 1);
  const curvatureOf = (point: number, away: number): number => {
    const reach = Math.min(2 * at(bends.arms, point), end - start);
    return reach > away ? at(bends.curvatures, point) * (1 - away / reach) : 0;
  };
  const curvature = curvatureOf(leg, position - start) + curvatureOf(leg + 1, end - position);
  const most = Math.min(LIMITS.lateral, speed * speed * Math.abs(curvature));
  return curvature < 0 && most > 0 ? -most : most;
}
