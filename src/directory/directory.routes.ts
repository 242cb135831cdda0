import { z } from 'zod';
import { may } from '../permissions';
import type { AuditStore } from '../platform/audit.store';
import { route, type Caller, type Route } from '../platform/http-route';
import { factsWithoutNumbers } from './audit-view';
import type { Directory } from './directory.service';
import type { People } from './people.service';
import { personChange, personInput, personView, type Person } from './person';
import { unit, unitKind, type Unit } from './unit';

const params = z.object({ personId: z.string().max(64) });

/** Units, people and the audit trail. */
export function directoryRoutes(deps: { directory: Directory; people: People; audit: AuditStore }): Route[] {
  return [
    ...unitRoutes(deps.directory),
    ...peopleRoutes(deps.directory, deps.people),
    ...auditRoutes(deps.audit),
  ];
}

function unitRoutes(directory: Directory): Route[] {
  return [
    route({
      method: 'get',
      path: '/units',
      summary: '承办单位名录',
      tag: '名录',
      action: 'directory.view',
      query: z.object({ kind: unitKind.optional(), areaCode: z.string().max(10).optional() }),
      reply: z.object({ units: z.array(unit) }),
      async handle({ query, caller }): Promise<{ units: Unit[] }> {
        const units = directory
          .units()
          .filter((entry) => !query.kind || entry.kind === query.kind)
          .filter((entry) => !query.areaCode || entry.areaCode === query.areaCode)
          .map((entry) => visibleTo(caller, entry));
        return { units };
      },
    }),
  ];
}

/** Units see each other's names; the contact's direct number is for the hotline's people and the unit itself. */
function visibleTo(caller: Caller, entry: Unit): Unit {
  const own = caller.unitId === entry.unitId;
  return own || may(caller.role, 'number.reveal') ? entry : { ...entry, contactPerson: '', contactPhone: '' };
}

function peopleRoutes(directory: Directory, people: People): Route[] {
  const about = { tag: '人员', action: 'people.edit' } as const;
  return [
    route({
      ...about,
      method: 'get',
      path: '/people',
      summary: '人员列表',
      query: z.object({ ended: z.enum(['true', 'false']).default('false') }),
      reply: z.array(personView),
      async handle({ query }): Promise<Person[]> {
        return directory.people().filter((person) => person.active || query.ended === 'true');
      },
    }),
    route({
      ...about,
      method: 'post',
      path: '/people',
      summary: '新增人员',
      body: personInput,
      idempotent: true,
      status: 201,
      reply: personView,
      handle: ({ caller, body }) => people.create(caller, body),
    }),
    route({
      ...about,
      method: 'patch',
      path: '/people/:personId',
      summary: '修改人员（角色、单位或密码变更后须重新登录）',
      params,
      body: personChange,
      reply: personView,
      handle: ({ caller, params: { personId }, body }) => people.change(caller, personId, body),
    }),
    route({
      ...about,
      method: 'post',
      path: '/people/:personId/end',
      summary: '停用人员（有未完成的工作时须确认）',
      params,
      body: z.strictObject({ version: z.int().min(1), confirmed: z.boolean().default(false) }),
      reply: personView,
      handle: ({ caller, params: { personId }, body }) =>
        people.end(caller, personId, body.version, body.confirmed),
    }),
  ];
}

const auditView = z.object({
  seq: z.int(),
  at: z.date(),
  who: z.string(),
  action: z.string(),
  subject: z.string(),
  facts: z.record(z.string(), z.unknown()),
  address: z.string(),
  hash: z.string(),
});
const text = z.string().max(100).optional();

function auditRoutes(audit: AuditStore): Route[] {
  const about = { method: 'get', tag: '审计', action: 'audit.view' } as const;
  return [
    route({
      ...about,
      path: '/audit',
      summary: '审计记录，最新在前',
      query: z.object({
        subject: text,
        who: text,
        action: text,
        limit: z.coerce.number().int().min(1).max(500).default(100),
        before: z.coerce.number().int().min(1).optional(),
      }),
      reply: z.array(auditView),
      async handle({ query: { limit, before, ...filter }, caller }) {
        const rows = await audit.list(filter, limit, before);
        if (may(caller.role, 'number.reveal')) return rows;
        return rows.map((row) => ({ ...row, facts: factsWithoutNumbers(row.facts) as typeof row.facts }));
      },
    }),
  ];
}
