import type { Skill } from '../../../directory/person';
import type { Role } from '../../../permissions';

export interface DemoPerson {
  personId: string;
  signInName: string;
  name: string;
  role: Role;
  unitId: string | null;
  skills: Skill[];
  account: string | null;
}

/** Six agents with different skills. */
const AGENTS: (readonly [name: string, skills: Skill[]])[] = [
  ['张晓燕', ['general']],
  ['李建国', ['general', 'dialect']],
  ['王丽', ['general', 'english']],
  ['赵志强', ['general', 'enterprise']],
  ['刘芳', ['general', 'dialect']],
  ['陈晨', ['general', 'enterprise', 'english']],
];

/** Units with a clerk who can sign in. */
const CLERKS: (readonly [unitId: string, name: string])[] = [
  ['dept-zhujian', '住建经办员'],
  ['dept-shengtai', '生态环境经办员'],
  ['dept-shichang', '市场监管经办员'],
  ['dept-renshe', '人社经办员'],
  ['dept-jiaotong', '交通经办员'],
  ['dept-chengguan', '城管经办员'],
  ['util-gongshui', '供水经办员'],
  ['util-gongre', '供热经办员'],
  ['county-luzhou', '潞州经办员'],
  ['county-xiangyuan', '襄垣经办员'],
];

const none = { unitId: null, skills: [], account: null };

/** People of the demonstration city; all names are invented. */
export const DEMO_PEOPLE: DemoPerson[] = [
  { personId: 'admin', signInName: 'admin', name: '系统管理员', role: 'administrator', ...none },
  {
    ...none,
    personId: 'supervisor',
    signInName: 'supervisor',
    name: '值班班长',
    role: 'supervisor',
    account: '8101',
  },
  { ...none, personId: 'overseer', signInName: 'overseer', name: '监督员', role: 'overseer' },
  ...AGENTS.map(([name, skills], index) => agent(index + 1, name, skills)),
  ...CLERKS.map(([unitId, name]) => clerk(unitId, name)),
];

function agent(number: number, name: string, skills: Skill[]): DemoPerson {
  const id = `agent${number}`;
  return {
    personId: id,
    signInName: id,
    name,
    role: 'agent',
    unitId: null,
    skills,
    account: String(8000 + number),
  };
}

function clerk(unitId: string, name: string): DemoPerson {
  const id = `clerk-${unitId.replace(/^\w+-/, '')}`;
  return { ...none, personId: id, signInName: id, name, role: 'unit', unitId };
}
