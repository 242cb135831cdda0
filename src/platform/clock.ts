/** The only source of "now" for services; tests give their own. Instants are UTC `Date`s; the city's zone is applied where a rule needs it. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** The city's zone: every deadline and every printed time is decided in it (DESIGN §8). */
export const CITY_ZONE = 'Asia/Shanghai';
