import type { TicketType } from '../../../tickets/ticket';
import type { Dice } from './dice';

/** Words of invented matters: enough different ones that a search finds some, not all. */

const SURNAMES = [...'王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕'];
const GIVEN = [...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国红梅志鹏晓燕文斌慧'];
const ROADS = [...'英雄太行延安解放长兴府后城西城东捉马紫金淮海德化威远门西一环东升滨河潞阳惠丰站前'];
const PLACES = ['小区', '花园', '家园', '佳苑', '新村', '大厦', '市场', '学校', '医院', '工业园', '村委会'];
const TOWNSHIPS = [
  '东街街道',
  '西街街道',
  '英雄中路街道',
  '紫金街道',
  '老顶山街道',
  '韩店镇',
  '苏店镇',
  '虒亭镇',
];
const TIMES = ['三天', '一周', '半个月', '一个多月', '半年', '昨天夜里', '今天早上', '连续多日'];
const TROUBLES = [
  '无人处理',
  '影响居民生活',
  '多次反映未果',
  '存在安全隐患',
  '答复不清楚',
  '费用不合理',
  '噪声很大',
  '无法正常使用',
  '推诿拖延',
  '与承诺不符',
];
const WISHES: Record<TicketType, readonly string[]> = {
  consultation: ['请问如何办理', '请问政策规定', '请问办理地点和时间', '请问需要哪些材料'],
  complaint: ['要求查处并答复', '要求退还费用', '要求赔偿损失'],
  help: ['请求尽快解决', '请求协调处理', '请求派人查看'],
  suggestion: ['建议改进', '建议增设', '建议公开'],
  report: ['举报违法行为，请依法查处', '举报无证经营，请查处'],
};

export const personName = (dice: Dice): string => dice.pick(SURNAMES) + dice.pick(GIVEN) + dice.pick(GIVEN);

export interface Matter {
  title: string;
  content: string;
  township: string;
  address: string;
  /** GCJ-02, about the city. */
  point: { longitude: number; latitude: number };
}

/** What a citizen brings about a category. */
export function matterOf(dice: Dice, type: TicketType, category: string): Matter {
  const road = `${dice.pick(ROADS)}${dice.pick(ROADS)}${dice.pick(['路', '街', '巷'])}`;
  const place = `${dice.pick(ROADS)}${dice.pick(ROADS)}${dice.pick(PLACES)}`;
  const address = `${road}${dice.between(1, 400)}号${place}${dice.between(1, 30)}号楼`;
  const trouble = dice.pick(TROUBLES);
  const content = `诉求人反映：${address}，${category}问题已有${dice.pick(TIMES)}，${trouble}，${dice.pick(TROUBLES)}。${dice.pick(WISHES[type])}。`;
  return {
    title: `${place}${category}${trouble}`,
    content,
    township: dice.pickEarly(TOWNSHIPS, 2),
    address,
    point: { longitude: 112.9 + dice.next() * 0.4, latitude: 36.05 + dice.next() * 0.4 },
  };
}

const ANSWERS = [
  '已现场核实并处理完毕',
  '经查情况属实，已责令整改',
  '经查情况不实，已向诉求人解释',
  '已列入计划，近期实施',
];

export const handlingOf = (dice: Dice): string => `${dice.pick(ANSWERS)}，经办人已与诉求人联系。`;
