import type { Role } from '../../permissions';
import { HOME } from '../shared/home';

/** Where to go after signing in: the page asked for if it is one of ours for this role, else the role's own page. */
export function nextPage(asked: string | null, role: Role): string {
  const home = HOME[role];
  const ours = asked !== null && (asked === home || asked.startsWith(`${home}#/`));
  return ours ? asked : home;
}
