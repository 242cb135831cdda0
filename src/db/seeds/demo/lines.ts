import type { Line, LineInput } from '../../../lines/line';
import { LineStore } from '../../../lines/line.store';
import type { Database } from '../../../platform/postgres';

type Demo = Pick<LineInput, 'name' | 'mode' | 'numbers' | 'unitId'> & Partial<LineInput> & { lineId: string };

const FIRST_DAY = '2021-01-01';
const MERGED = '您好，您拨打的热线已并入12345政务服务热线。';
const own = (name: string): string => `您好，${name}，由12345统一接听。`;

/** Lines of a demonstration city over the three modes; the annex of the notice is not public, so the names are typical ones. */
const LINES: Demo[] = [
  {
    lineId: 'line-12345',
    name: '长治市12345政务服务热线',
    mode: 'own',
    numbers: ['12345'],
    unitId: null,
    greetingSound: 'greeting-12345',
    greetingText: '您好，长治市12345政务服务热线。',
    script:
      '您好，12345政务服务热线，请问有什么可以帮您？\n请核对：诉求人姓名、联系方式、事发地点（县区、乡镇、详细地址）、诉求内容、是否要求保密。',
  },

  // M1 直接合并: quiet lines and a department's own fixed numbers, which forward to 12345.
  {
    lineId: 'line-12312',
    defaultCategory: 'SC-06',
    name: '商务投诉举报热线',
    mode: 'direct',
    numbers: ['12312', '03552012312'],
    unitId: 'dept-shangwu',
    script: '请询问：商户名称和地址、消费时间、预付卡或家政服务凭证、诉求。',
  },
  {
    lineId: 'line-12316',
    defaultCategory: 'NY-01',
    name: '农业服务热线',
    mode: 'direct',
    numbers: ['12316'],
    unitId: 'dept-nongye',
    script: '请询问：乡镇和村、作物或畜禽种类、面积或数量、农资购买凭证。',
  },
  {
    lineId: 'line-12318',
    defaultCategory: 'JW-04',
    name: '文化市场举报热线',
    mode: 'direct',
    numbers: ['12318'],
    unitId: 'dept-wenlv',
    script: '请询问：场所名称和地址、是否接纳未成年人、发生时间。',
  },
  {
    lineId: 'line-12336',
    defaultCategory: 'NY-04',
    name: '自然资源违法举报热线',
    mode: 'direct',
    numbers: ['12336'],
    unitId: 'dept-ziran',
    script: '请询问：地块位置（县区、乡镇、村）、占地或采矿情况、是否正在施工。',
  },
  {
    lineId: 'line-12349',
    defaultCategory: 'RS-06',
    name: '民政服务热线',
    mode: 'direct',
    numbers: ['12349'],
    unitId: 'dept-minzheng',
    script: '请询问：救助对象、户籍和居住地、是否有生命危险（有则立即三方接通120或110）。',
  },
  {
    lineId: 'line-12350',
    defaultCategory: 'GA-01',
    name: '安全生产举报热线',
    mode: 'direct',
    numbers: ['12350'],
    unitId: 'dept-yingji',
    priority: 3,
    script:
      '正在发生的事故立即三方接通119或120。\n请询问：企业名称和地址、隐患情况、是否有人员被困、是否要求保密。',
  },
  {
    lineId: 'line-96119',
    defaultCategory: 'GA-02',
    name: '消防隐患举报热线',
    mode: 'direct',
    numbers: ['96119'],
    unitId: 'dept-xiaofang',
    priority: 3,
    script: '起火立即三方接通119。\n请询问：单位名称和地址、隐患部位（通道、消火栓、电动车充电）。',
  },
  {
    lineId: 'line-zhujian-fixed',
    defaultCategory: 'CJ-01',
    name: '市住建局便民服务电话',
    mode: 'direct',
    numbers: ['03552012319'],
    unitId: 'dept-zhujian',
    script:
      '市民拨打的是原住建局固定电话0355-2012319。\n请询问：小区或道路、供水供气供热或物业问题、影响户数。',
  },
  {
    lineId: 'line-gongshui-fixed',
    defaultCategory: 'GY-01',
    name: '市政供水抢修电话',
    mode: 'direct',
    numbers: ['03552022222'],
    unitId: 'util-gongshui',
    priority: 2,
    script: '请询问：停水或爆管地点、影响范围、持续时间。',
  },
  {
    lineId: 'line-gongjiao-old',
    name: '公交服务监督电话（已停用）',
    mode: 'direct',
    numbers: ['03552033333'],
    unitId: 'dept-jiaotong',
    lastDay: '2024-12-31',
  },

  // Language and enterprise desks: numbers of their own that lead to the queue of those who have the skill.
  {
    lineId: 'line-foreign',
    name: '外语服务专席',
    mode: 'direct',
    numbers: ['03552012346'],
    unitId: null,
    queue: 'english',
    greetingSound: 'greeting-12345',
    greetingText: '您好，长治市12345政务服务热线。',
    script: '请用英语接听；其他语种从转接目标中选口译，三方接通。',
  },
  {
    lineId: 'line-dialect',
    name: '方言服务专席',
    mode: 'direct',
    numbers: ['03552012347'],
    unitId: null,
    queue: 'dialect',
    greetingSound: 'greeting-12345',
    greetingText: '您好，长治市12345政务服务热线。',
    script: '可用当地方言接听。',
  },
  {
    lineId: 'line-enterprise',
    name: '企业服务专席',
    mode: 'direct',
    numbers: ['03552012348'],
    unitId: null,
    queue: 'enterprise',
    priority: 1,
    greetingSound: 'greeting-12345',
    greetingText: '您好，长治市12345政务服务热线。',
    script: '请核对：企业名称、统一社会信用代码、联系人、诉求（政策咨询、办事、投诉）。',
  },

  // M2 来电转移: keep their number; a call to it is switched to 12345.
  {
    lineId: 'line-mayor',
    defaultCategory: 'ZW-05',
    name: '市长热线',
    mode: 'forwarded',
    numbers: ['03552192345'],
    unitId: null,
    priority: 2,
    greetingSound: 'greeting-mayor',
    greetingText: own('市长热线'),
    script: '市民拨打的是市长公开电话。请完整记录意见建议，涉及重大事项的注明“市长热线”。',
  },
  {
    lineId: 'line-12319',
    defaultCategory: 'CJ-04',
    name: '城建城管服务热线',
    mode: 'forwarded',
    numbers: ['12319'],
    unitId: 'dept-zhujian',
    priority: 1,
    greetingSound: 'greeting-12319',
    greetingText: own('12319城建服务热线'),
    script: '请询问：地点、井盖路灯占道噪声扬尘等问题类别、是否影响安全。',
  },
  {
    lineId: 'line-12369',
    defaultCategory: 'HB-02',
    name: '环保举报热线',
    mode: 'forwarded',
    numbers: ['12369'],
    unitId: 'dept-shengtai',
    priority: 1,
    greetingSound: 'greeting-12369',
    greetingText: own('12369环保举报热线'),
    script: '请询问：污染源名称和地址、大气水噪声固废类别、发生时段、是否要求保密。',
  },
  {
    lineId: 'line-12320',
    defaultCategory: 'JK-02',
    name: '公共卫生热线',
    mode: 'forwarded',
    numbers: ['12320'],
    unitId: 'dept-weijian',
    greetingSound: 'greeting-12320',
    greetingText: own('12320卫生健康热线'),
    script: '危及生命立即三方接通120。\n请询问：机构名称、就诊时间、诉求。',
  },

  // M3 并行接听: both answer; transfer, overflow and three-way calls go both ways.
  {
    lineId: 'line-12315',
    defaultCategory: 'SC-01',
    name: '市场监管投诉举报热线',
    mode: 'parallel',
    numbers: ['12315'],
    unitId: 'dept-shichang',
    greetingSound: 'greeting-12315',
    greetingText: own('12315市场监管热线'),
    parallelDestination: '03553012315',
    script: '请询问：经营者名称和地址、商品或服务、金额、购买时间和凭证、诉求。',
  },
  {
    lineId: 'line-12328',
    defaultCategory: 'JT-01',
    name: '交通运输服务监督热线',
    mode: 'parallel',
    numbers: ['12328'],
    unitId: 'dept-jiaotong',
    greetingSound: 'greeting-12328',
    greetingText: own('12328交通运输服务监督热线'),
    parallelDestination: '03553012328',
    script: '请询问：车牌号或线路、时间、上下车地点。',
  },
  {
    lineId: 'line-12329',
    defaultCategory: 'RS-05',
    name: '住房公积金热线',
    mode: 'parallel',
    numbers: ['12329'],
    unitId: 'dept-gongjijin',
    greetingSound: 'greeting-12329',
    greetingText: own('12329住房公积金热线'),
    parallelDestination: '03553012329',
    script: '请先核对缴存人身份；账户信息由公积金坐席三方接听解答。',
  },
  {
    lineId: 'line-12333',
    defaultCategory: 'RS-02',
    name: '人力资源社会保障热线',
    mode: 'parallel',
    numbers: ['12333'],
    unitId: 'dept-renshe',
    greetingSound: 'greeting-12333',
    greetingText: own('12333人力资源和社会保障热线'),
    parallelDestination: '03553012333',
    script: '请询问：参保地、险种；欠薪的请记录单位、人数、金额和时间。',
  },
  {
    lineId: 'line-12348',
    defaultCategory: 'GA-04',
    name: '法律服务热线',
    mode: 'parallel',
    numbers: ['12348'],
    unitId: 'dept-sifa',
    greetingSound: 'greeting-12348',
    greetingText: own('12348公共法律服务热线'),
    parallelDestination: '03553012348',
    script: '法律咨询可直接转接律师坐席；已进入诉讼、仲裁、复议的不予受理并解释引导（D3）。',
  },
  {
    lineId: 'line-12366',
    defaultCategory: 'ZW-01',
    queue: 'enterprise',
    name: '纳税缴费服务热线',
    mode: 'parallel',
    numbers: ['12366'],
    unitId: 'dept-shuiwu',
    greetingSound: 'greeting-12366',
    greetingText: own('12366纳税缴费服务热线'),
    parallelDestination: '03553012366',
    script: '税务为垂直管理事项：政策咨询可直接转接12366坐席。',
  },

  // M4: a county consolidates its own line in the same way.
  {
    lineId: 'line-xiangyuan',
    name: '襄垣县便民服务热线',
    mode: 'direct',
    numbers: ['03557222345'],
    unitId: 'county-xiangyuan',
    owner: '140423',
    script: '属地为襄垣县：按属地管理优先派至襄垣县承办单位（R2）。',
  },
];

/**
 * Puts the demonstration lines into the database; existing ones are left as they are. Returns how many were added.
 * Lines of units that are not in the directory are stored without unit.
 */
export async function seedDemoLines(db: Database): Promise<number> {
  const store = new LineStore(db);
  const present = new Set((await store.all()).map((line) => line.lineId));
  const units = new Set((await db('units').select('unit_id')).map((row) => row.unit_id as string));
  const note = { at: new Date(), action: 'created', whoId: 'demo', whoName: '演示数据' } as const;
  const missing = LINES.filter((demo) => !present.has(demo.lineId));
  for (const demo of missing) await store.insert(complete(demo, units), note);
  return missing.length;
}

function complete(demo: Demo, units: ReadonlySet<string>): Line {
  const base: Omit<Line, 'lineId' | 'name' | 'mode' | 'numbers' | 'unitId'> = {
    version: 1,
    owner: 'city',
    firstDay: FIRST_DAY,
    lastDay: null,
    greetingSound: 'greeting-merged',
    greetingText: MERGED,
    queue: 'general',
    priority: 0,
    defaultCategory: null,
    script: '',
    parallelDestination: null,
  };
  return { ...base, ...demo, unitId: demo.unitId !== null && units.has(demo.unitId) ? demo.unitId : null };
}
