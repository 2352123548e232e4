import { at } from './at.ts';
import { geodesic } from './geodesy.ts';
import { lateralAcceleration } from './lateral.ts';
import type { Motion, Standing } from './motion.ts';
import type { Path } from './path.ts';

/**
 * Advances one point of the path per tick, as simple replays do. The speed follows from the distance between points,
 * without regard to physics.
 */
export function pointsMotion(path: Path, tick: number): Motion {
  const { points, distances } = path;
  const last = points.length - 1;
  let index = 0;
  let speed = 0;

  function where(): Standing {
    const point = at(points, index);
    const leg = Math.min(index, last - 1);
    const heading = geodesic(at(points, leg), at(points, leg + 1))?.heading ?? 0;
    return {
      latitude: point.latitude,
      longitude: point.longitude,
      altitude: path.altitudes?.[index] ?? 0,
      heading,
    };
  }

  return {
    get position() {
      return at(distances, index);
    },
    get speed() {
      return speed;
    },
    get lateral() {
      return lateralAcceleration(path, Math.min(index, last - 1), at(distances, index), speed);
    },
    get arrived() {
      return index === last;
    },
    samples: points.length,
    where,
    advance(seconds) {
      index = Math.min(last, index + 1);
      speed = (at(distances, index) - at(distances, index - 1)) / tick;
      return seconds;
    },
    place(fraction) {
      index = Math.round(fraction * last);
      speed = 0;
      return index;
    },
    stopFor(_seconds, stopped) {
      stopped();
    },
  };
}
