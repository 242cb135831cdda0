/** A point in degrees. */
export interface Point {
  longitude: number;
  latitude: number;
}

/** Krasovsky's ellipsoid, on which GCJ-02 is made. */
const AXIS = 6_378_245;
const ECCENTRICITY = 0.006693421622965943;

/** GCJ-02, which Chinese maps use, of a WGS-84 point as satellites and the rest of the world give it. */
export function toGcj02(point: Point): Point {
  if (!inChina(point)) return point;
  const { longitude, latitude } = point;
  const [x, y] = [longitude - 105, latitude - 35];
  const radians = (latitude / 180) * Math.PI;
  const magic = 1 - ECCENTRICITY * Math.sin(radians) ** 2;
  const north = (shiftNorth(x, y) * 180) / (((AXIS * (1 - ECCENTRICITY)) / magic ** 1.5) * Math.PI);
  const east = (shiftEast(x, y) * 180) / ((AXIS / Math.sqrt(magic)) * Math.cos(radians) * Math.PI);
  return { longitude: longitude + east, latitude: latitude + north };
}

/** The WGS-84 point of a GCJ-02 one, exact to centimetres: the shift is tried until it fits. */
export function toWgs84(point: Point): Point {
  let found = point;
  for (let round = 0; round < 6; round += 1) {
    const shifted = toGcj02(found);
    found = {
      longitude: found.longitude + point.longitude - shifted.longitude,
      latitude: found.latitude + point.latitude - shifted.latitude,
    };
  }
  return found;
}

const inChina = ({ longitude, latitude }: Point): boolean =>
  longitude > 73.66 && longitude < 135.05 && latitude > 3.86 && latitude < 53.55;

const wave = (value: number, amplitude: number): number => amplitude * Math.sin(value * Math.PI);
const ripples = (x: number): number => ((wave(6 * x, 20) + wave(2 * x, 20)) * 2) / 3;

function shiftNorth(x: number, y: number): number {
  const long = ((wave(y, 20) + wave(y / 3, 40) + wave(y / 12, 160) + wave(y / 30, 320)) * 2) / 3;
  return -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + ripples(x) + long;
}

function shiftEast(x: number, y: number): number {
  const long = ((wave(x, 20) + wave(x / 3, 40) + wave(x / 12, 150) + wave(x / 30, 300)) * 2) / 3;
  return 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + ripples(x) + long;
}
