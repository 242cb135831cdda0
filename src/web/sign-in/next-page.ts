import { may, type Role } from '../../permissions';
import { HOME } from '../shared/home';

/** Where to go after signing in: the page asked for if it is one of ours for this role, else the role's own page. */
export function nextPage(asked: string | null, role: Role): string {
  const home = HOME[role];
  const pages = [home];
  if (may(role, 'wallboard.view')) pages.push('/wallboard');
  if (may(role, 'audit.view')) pages.push('/oversight');
  const ours = asked !== null && pages.some((page) => asked === page || asked.startsWith(`${page}#/`));
  return ours ? asked : home;
}
