import type { Unit, UnitKind } from '../../../directory/unit';

type Named = readonly [code: string, name: string];

const DEPARTMENTS: Named[] = [
  ['dept-fagai', '市发展和改革委员会'],
  ['dept-jiaoyu', '市教育局'],
  ['dept-keji', '市科学技术局'],
  ['dept-gongxin', '市工业和信息化局'],
  ['dept-gongan', '市公安局'],
  ['dept-minzheng', '市民政局'],
  ['dept-sifa', '市司法局'],
  ['dept-caizheng', '市财政局'],
  ['dept-renshe', '市人力资源和社会保障局'],
  ['dept-ziran', '市规划和自然资源局'],
  ['dept-shengtai', '市生态环境局'],
  ['dept-zhujian', '市住房和城乡建设局'],
  ['dept-chengguan', '市城市管理局'],
  ['dept-jiaotong', '市交通运输局'],
  ['dept-shuili', '市水利局'],
  ['dept-nongye', '市农业农村局'],
  ['dept-shangwu', '市商务局'],
  ['dept-wenlv', '市文化和旅游局'],
  ['dept-weijian', '市卫生健康委员会'],
  ['dept-tuiyi', '市退役军人事务局'],
  ['dept-yingji', '市应急管理局'],
  ['dept-shichang', '市市场监督管理局'],
  ['dept-tiyu', '市体育局'],
  ['dept-tongji', '市统计局'],
  ['dept-yibao', '市医疗保障局'],
  ['dept-xinfang', '市信访局'],
  ['dept-xingshenpi', '市行政审批服务管理局'],
  ['dept-nengyuan', '市能源局'],
  ['dept-jinrong', '市金融工作服务中心'],
  ['dept-gongjijin', '市住房公积金管理中心'],
  ['dept-shuiwu', '市税务局'],
  ['dept-xiaofang', '市消防救援支队'],
];

/** Counties, districts and the two zones with the area code and the unit each names (L2). */
const COUNTIES: (readonly [code: string, name: string, areaCode: string])[] = [
  ['county-luzhou', '潞州区', '140403'],
  ['county-shangdang', '上党区', '140404'],
  ['county-tunliu', '屯留区', '140405'],
  ['county-lucheng', '潞城区', '140406'],
  ['county-xiangyuan', '襄垣县', '140423'],
  ['county-pingshun', '平顺县', '140425'],
  ['county-licheng', '黎城县', '140426'],
  ['county-huguan', '壶关县', '140427'],
  ['county-zhangzi', '长子县', '140428'],
  ['county-wuxiang', '武乡县', '140429'],
  ['county-qinxian', '沁县', '140430'],
  ['county-qinyuan', '沁源县', '140431'],
  ['zone-gaoxin', '高新区', '140471'],
  ['zone-jingkai', '经开区', '140472'],
];

const UTILITIES: Named[] = [
  ['util-gongshui', '市供水公司'],
  ['util-gongre', '市供热公司'],
  ['util-ranqi', '市燃气公司'],
  ['util-gongdian', '市供电公司'],
  ['util-gongjiao', '市公共交通公司'],
  ['util-paishui', '市排水公司'],
];

const MASS_ORGANISATIONS: Named[] = [
  ['mass-gonghui', '市总工会'],
  ['mass-tuanwei', '共青团市委'],
  ['mass-fulian', '市妇女联合会'],
  ['mass-canlian', '市残疾人联合会'],
];

const SURNAMES = [
  '赵',
  '钱',
  '孙',
  '李',
  '周',
  '吴',
  '郑',
  '王',
  '冯',
  '陈',
  '褚',
  '卫',
  '蒋',
  '沈',
  '韩',
  '杨',
];

/** Units of the demonstration city. Names are generic; contacts and their numbers are invented. */
export const DEMO_UNITS: Unit[] = [
  ...DEPARTMENTS.map(([code, name]) => entry(code, name, 'department', 'city')),
  ...COUNTIES.map(([code, name, areaCode]) => entry(code, `${name}便民热线办公室`, 'county', areaCode)),
  ...UTILITIES.map(([code, name]) => entry(code, name, 'public-utility', 'city')),
  ...MASS_ORGANISATIONS.map(([code, name]) => entry(code, name, 'mass-organisation', 'city')),
].map((unit, index) => ({
  ...unit,
  contactPerson: `${SURNAMES[index % SURNAMES.length]}联络员`,
  // 0355-0… is no number anyone can have.
  contactPhone: `0355-000${String(1000 + index)}`,
}));

function entry(unitId: string, name: string, kind: UnitKind, areaCode: string): Unit {
  return { unitId, name, kind, areaCode, contactPerson: '', contactPhone: '' };
}
