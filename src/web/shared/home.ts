import type { Role } from '../../permissions';

/** The page each role works on. */
export const HOME: Record<Role, string> = {
  agent: '/desk',
  supervisor: '/desk',
  administrator: '/admin',
  unit: '/portal',
  overseer: '/oversight',
};
