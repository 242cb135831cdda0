import type { Database } from '../../../platform/postgres';

/** `territory`: handled where it happens, so each county's unit stands in the dispatch catalogue for its place (R2). */
type Leaf = [code: string, name: string, unitId: string, traits?: Traits];
interface Traits {
  territory?: true;
  utility?: true;
  regulation?: { days: number; name: string };
}

const T: Traits = { territory: true };
const U: Traits = { utility: true };
const MARKET: Traits = { regulation: { days: 45, name: '《市场监督管理投诉举报处理暂行办法》' } };
const LABOUR: Traits = { regulation: { days: 60, name: '《劳动保障监察条例》' } };

/** A category tree of a demonstration city; the city's own tree replaces it. */
const TREE: { code: string; name: string; leaves: Leaf[] }[] = [
  {
    code: 'CJ',
    name: '城乡建设',
    leaves: [
      ['CJ-01', '物业服务', 'dept-zhujian', T],
      ['CJ-02', '商品房质量与交付', 'dept-zhujian'],
      ['CJ-03', '违法建设', 'dept-zhujian', T],
      ['CJ-04', '道路与井盖', 'dept-zhujian', T],
      ['CJ-05', '城市排水', 'dept-zhujian', T],
      ['CJ-06', '保障性住房', 'dept-zhujian'],
      ['CJ-07', '老旧小区改造', 'dept-zhujian', T],
      ['CJ-08', '建筑工地扰民', 'dept-zhujian', T],
    ],
  },
  {
    code: 'GY',
    name: '公用事业',
    leaves: [
      ['GY-01', '供水', 'util-gongshui', U],
      ['GY-02', '供电', 'util-gongdian', U],
      ['GY-03', '供气', 'util-ranqi', U],
      ['GY-04', '供热', 'util-gongre', U],
      ['GY-05', '公交', 'dept-jiaotong'],
      ['GY-06', '通信与网络', 'dept-gongxin'],
    ],
  },
  {
    code: 'CG',
    name: '城市管理',
    leaves: [
      ['CG-01', '占道经营', 'dept-chengguan', T],
      ['CG-02', '市容环境卫生', 'dept-chengguan', T],
      ['CG-03', '停车秩序', 'dept-chengguan', T],
      ['CG-04', '户外广告', 'dept-chengguan', T],
      ['CG-05', '园林绿化', 'dept-chengguan', T],
      ['CG-06', '路灯照明', 'dept-chengguan', T],
    ],
  },
  {
    code: 'HB',
    name: '生态环境',
    leaves: [
      ['HB-01', '噪声污染', 'dept-shengtai', T],
      ['HB-02', '大气污染', 'dept-shengtai'],
      ['HB-03', '水污染', 'dept-shengtai'],
      ['HB-04', '固体废物', 'dept-shengtai'],
    ],
  },
  {
    code: 'SC',
    name: '市场监管',
    leaves: [
      ['SC-01', '消费纠纷', 'dept-shichang', MARKET],
      ['SC-02', '食品安全', 'dept-shichang'],
      ['SC-03', '药品与医疗器械', 'dept-shichang'],
      ['SC-04', '价格与收费', 'dept-shichang'],
      ['SC-05', '特种设备与电梯', 'dept-shichang'],
      ['SC-06', '预付卡与商务', 'dept-shangwu'],
    ],
  },
  {
    code: 'RS',
    name: '劳动与社会保障',
    leaves: [
      ['RS-01', '拖欠工资', 'dept-renshe', LABOUR],
      ['RS-02', '社会保险', 'dept-renshe'],
      ['RS-03', '医疗保险', 'dept-yibao'],
      ['RS-04', '就业与创业', 'dept-renshe'],
      ['RS-05', '住房公积金', 'dept-gongjijin'],
      ['RS-06', '低保与社会救助', 'dept-minzheng', T],
      ['RS-07', '养老服务', 'dept-minzheng', T],
    ],
  },
  {
    code: 'JT',
    name: '交通运输',
    leaves: [
      ['JT-01', '出租与网约车', 'dept-jiaotong'],
      ['JT-02', '客运服务', 'dept-jiaotong'],
      ['JT-03', '公路养护', 'dept-jiaotong'],
      ['JT-04', '道路交通秩序', 'dept-gongan'],
    ],
  },
  {
    code: 'JK',
    name: '卫生健康',
    leaves: [
      ['JK-01', '医疗服务', 'dept-weijian'],
      ['JK-02', '公共卫生', 'dept-weijian'],
      ['JK-03', '生育与托育', 'dept-weijian'],
    ],
  },
  {
    code: 'JW',
    name: '教育文旅',
    leaves: [
      ['JW-01', '义务教育入学', 'dept-jiaoyu', T],
      ['JW-02', '校外培训', 'dept-jiaoyu'],
      ['JW-03', '学校管理', 'dept-jiaoyu', T],
      ['JW-04', '文化市场', 'dept-wenlv'],
      ['JW-05', '旅游服务', 'dept-wenlv'],
    ],
  },
  {
    code: 'NY',
    name: '农业农村与自然资源',
    leaves: [
      ['NY-01', '农资与农技', 'dept-nongye'],
      ['NY-02', '惠农补贴', 'dept-nongye', T],
      ['NY-03', '宅基地', 'dept-nongye', T],
      ['NY-04', '土地与矿产', 'dept-ziran'],
      ['NY-05', '不动产登记', 'dept-ziran'],
    ],
  },
  {
    code: 'GA',
    name: '公共安全',
    leaves: [
      ['GA-01', '安全生产隐患', 'dept-yingji'],
      ['GA-02', '消防隐患', 'dept-xiaofang'],
      ['GA-03', '户籍与出入境', 'dept-gongan'],
      ['GA-04', '公共法律服务', 'dept-sifa'],
    ],
  },
  {
    code: 'ZW',
    name: '政务与其他',
    leaves: [
      ['ZW-01', '办税服务', 'dept-shuiwu'],
      ['ZW-02', '政务服务大厅', 'dept-shenpi'],
      ['ZW-03', '营商环境', 'dept-fagai'],
      ['ZW-04', '干部作风', 'dept-zhengfuban'],
      ['ZW-05', '意见建议', 'dept-zhengfuban'],
    ],
  },
];

/**
 * The demonstration city's category tree and first dispatch catalogue. Catalogue rows are made only for units that are
 * in the directory, so seed that first; running it again changes nothing.
 */
export async function seedDemoCategories(db: Database): Promise<void> {
  const units = await db('units')
    .where({ active: true })
    .select<{ unit_id: string; kind: string; area_code: string }[]>();
  const known = new Set(units.map((unit) => unit.unit_id));
  const counties = units.filter((unit) => unit.kind === 'county' && unit.area_code !== 'city');
  const branches = TREE.map(({ code, name }) => ({ category_code: code, name }));
  const leaves = TREE.flatMap(({ code, leaves }) =>
    leaves.map(([leaf, name, , traits]) => ({
      category_code: leaf,
      parent_code: code,
      name,
      utility: traits?.utility ?? false,
      regulation_days: traits?.regulation?.days ?? null,
      regulation_name: traits?.regulation?.name ?? null,
    })),
  );
  const catalogue = TREE.flatMap(({ leaves }) =>
    leaves.flatMap(([code, , unitId, traits]) => [
      ...(known.has(unitId) ? [{ category_code: code, area_code: '', unit_id: unitId }] : []),
      ...(traits?.territory ? counties : []).map((county) => ({
        category_code: code,
        area_code: county.area_code,
        unit_id: county.unit_id,
      })),
    ]),
  );
  await db.transaction(async (trx) => {
    await trx('ticket_categories').insert(branches).onConflict('category_code').ignore();
    await trx('ticket_categories').insert(leaves).onConflict('category_code').ignore();
    if (catalogue.length)
      await trx('dispatch_catalogue').insert(catalogue).onConflict(['category_code', 'area_code']).ignore();
  });
}
