import type { ContactInput } from '../../../directory/contact';
import type { Database } from '../../../platform/postgres';

type Demo = ContactInput & { contactId: string };

const contact = (
  contactId: string,
  about: Partial<ContactInput> & { name: string; number: string },
): Demo => ({
  contactId,
  kind: 'unit',
  unitId: null,
  language: null,
  hours: null,
  note: '',
  ...about,
});

/** Outside contacts of the demonstration city; all numbers are invented. */
const CONTACTS: Demo[] = [
  contact('contact-zhujian', {
    name: '市住房和城乡建设局值班室',
    number: '03553018001',
    unitId: 'dept-zhujian',
  }),
  contact('contact-shengtai', {
    name: '市生态环境局值班室',
    number: '03553018002',
    unitId: 'dept-shengtai',
  }),
  contact('contact-chengguan', {
    name: '市城市管理局指挥中心',
    number: '03553018003',
    unitId: 'dept-chengguan',
  }),
  contact('contact-gongshui', {
    name: '市供水公司抢修',
    number: '03553018011',
    unitId: 'util-gongshui',
    note: '爆管、停水抢修',
  }),
  contact('contact-gongre', {
    name: '市供热公司抢修',
    number: '03553018012',
    unitId: 'util-gongre',
    note: '采暖季全天',
  }),
  contact('contact-ranqi', {
    name: '市燃气公司抢险',
    number: '03553018013',
    unitId: 'util-ranqi',
    note: '燃气泄漏请同时转119',
  }),
  contact('contact-110-desk', {
    kind: 'emergency',
    name: '110指挥中心联动席',
    number: '03553018110',
    note: '非警务求助对接（国办发〔2022〕12号）',
  }),
  contact('contact-english', {
    kind: 'interpreter',
    name: '英语口译（外事服务中心）',
    number: '03553018021',
    language: 'english',
    hours: '08:00-20:00',
  }),
  contact('contact-korean', {
    kind: 'interpreter',
    name: '韩语口译（外事服务中心）',
    number: '03553018022',
    language: 'korean',
    hours: '08:00-20:00',
  }),
  contact('contact-dialect', {
    kind: 'interpreter',
    name: '上党方言志愿者',
    number: '03553018023',
    language: 'dialect',
    hours: '08:00-18:00',
  }),
];

/** Adds the contacts that are not there yet. */
export async function seedDemoContacts(db: Database): Promise<void> {
  const rows = CONTACTS.map(({ contactId, unitId, ...rest }) => ({
    ...rest,
    contact_id: contactId,
    unit_id: unitId,
    version: 1,
  }));
  await db('contacts').insert(rows).onConflict().ignore();
}
