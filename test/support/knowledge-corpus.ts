import type { Database } from '../../src/platform/postgres';
import type { SearchIndex } from '../../src/knowledge/search-index.service';

/** A small generator of its own: the same articles in every run. */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const MATTERS = [
  ...[
    '公积金提取',
    '公积金贷款',
    '公积金异地转移',
    '社保转移接续',
    '社保卡挂失补办',
    '灵活就业参保',
    '养老金资格认证',
  ],
  ...[
    '城乡居民医保缴费',
    '异地就医备案',
    '门诊慢特病认定',
    '生育津贴申领',
    '失业金申领',
    '工伤认定',
    '拖欠工资投诉',
  ],
  ...[
    '供暖温度不达标',
    '供暖费减免',
    '暖气管道漏水',
    '停水报修',
    '水费查询',
    '水表更换',
    '电表过户',
    '停电通知',
  ],
  ...[
    '燃气开户',
    '燃气泄漏处置',
    '公交线路调整',
    '老年公交卡办理',
    '网约车资格证',
    '出租车拒载',
    '停车收费标准',
  ],
  ...[
    '占道经营举报',
    '渣土车扬尘',
    '夜间施工噪声',
    '广场舞扰民',
    '油烟污染',
    '垃圾清运',
    '路灯损坏',
    '井盖缺失',
  ],
  ...[
    '物业费收取',
    '维修基金使用',
    '老旧小区加装电梯',
    '违法建设举报',
    '二手房过户',
    '不动产登记',
    '房产证遗失补办',
  ],
  ...[
    '公租房申请',
    '低保申请',
    '临时救助',
    '残疾人补贴',
    '高龄津贴',
    '养老机构补贴',
    '义务教育入学',
    '学区划分',
  ],
  ...[
    '幼儿园收费',
    '校外培训退费',
    '居住证办理',
    '户口迁移',
    '身份证补领',
    '护照办理',
    '驾驶证换证',
    '车辆年检',
  ],
  ...[
    '个体户注册',
    '营业执照注销',
    '食品经营许可',
    '预付卡退款',
    '网购纠纷',
    '电梯故障',
    '药品质量投诉',
    '消防通道堵塞',
  ],
  ...[
    '宅基地审批',
    '农机补贴',
    '农药投诉',
    '退役军人优抚',
    '图书馆借阅证',
    '景区门票优惠',
    '个人所得税汇算',
    '发票真伪查询',
  ],
];
const ASPECTS = [
  '办理条件',
  '所需材料',
  '办理流程',
  '办理地点',
  '办理时限',
  '收费标准',
  '常见问题',
  '线上办理',
  '咨询电话',
  '政策依据',
];
const PLACES = [
  '市本级',
  '潞州区',
  '上党区',
  '屯留区',
  '潞城区',
  '襄垣县',
  '平顺县',
  '黎城县',
  '壶关县',
  '长子县',
  '武乡县',
  '沁县',
  '沁源县',
];
const SENTENCES = [
  '申请人应当携带本人有效身份证件原件及复印件，到{place}政务服务大厅{window}号窗口办理{matter}。',
  '符合条件的，自受理之日起{days}个工作日内办结，特殊情况可以延长并告知申请人。',
  '委托他人办理{matter}的，还需提供授权委托书和受托人身份证。',
  '也可以通过“三晋通”手机应用或者政务服务网在线提交，材料齐全的不用到现场。',
  '根据《{place}关于{matter}的实施办法》第{days}条，未在规定期限内提出的视为放弃。',
  '市民对办理结果有异议的，可以在收到答复后{days}日内向主管部门申请复核。',
  '工作时间为周一至周五上午8:30至12:00、下午14:30至18:00，法定节假日除外。',
  '收费按照物价部门核定的标准执行，{matter}不收取任何手续费，谨防冒充工作人员的诈骗电话。',
  '如遇系统故障不能即时办理，窗口工作人员登记后在{days}个工作日内电话联系申请人。',
  '其他与{other}有关的事项，请参阅相应知识条目，或者转接主管部门坐席。',
  '低收入家庭、残疾人、退役军人持有效证件可以享受减免，具体比例由{place}人民政府确定。',
  '涉及跨区域的，由首次受理的单位负责协调，不得要求群众重复提交{matter}材料。',
];

export interface MadeArticle {
  title: string;
  question: string;
  body: string;
  keywords: string[];
}

/** One synthetic article: real words, a matter and a place of its own, 3 to 16 sentences. */
export function madeArticle(number: number, roll: () => number): MadeArticle {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(roll() * from.length)]!;
  const matter = MATTERS[number % MATTERS.length]!;
  const aspect = pick(ASPECTS);
  const place = pick(PLACES);
  const sentence = () =>
    pick(SENTENCES)
      .replace('{place}', place)
      .replace('{matter}', matter)
      .replace('{other}', pick(MATTERS))
      .replace('{window}', String(1 + Math.floor(roll() * 60)))
      .replace('{days}', String(1 + Math.floor(roll() * 30)));
  return {
    title: `${place}${matter}${aspect}（${number}）`,
    question: `${matter}的${aspect}是什么，在${place}怎么办理？`,
    body: Array.from({ length: 3 + Math.floor(roll() * 14) }, sentence).join('\n'),
    keywords: [matter, place],
  };
}

/** Puts published articles straight into the tables, cut as the service cuts them. */
export async function loadArticles(
  db: Database,
  index: SearchIndex,
  count: number,
  options: { categories: string[]; units: string[]; onProgress?: (done: number) => void },
): Promise<void> {
  const roll = dice(12345);
  const at = new Date();
  for (let done = 0; done < count; done += 500) {
    const made = Array.from({ length: Math.min(500, count - done) }, (_, at) => ({
      articleId: `bench-${done + at}`,
      unit: options.units[(done + at) % options.units.length]!,
      category: options.categories[(done + at) % options.categories.length]!,
      ...madeArticle(done + at, roll),
    }));
    await db('articles').insert(
      made.map(({ articleId, unit }) => ({
        ...{ article_id: articleId, version: 3, state: 'published', owner_unit_id: unit },
        ...{ edition: 1, published_edition: 1, created_at: at, updated_at: at },
      })),
    );
    await db('article_editions').insert(
      made.map(({ articleId, unit: _unit, category, ...text }) => ({
        ...{ article_id: articleId, edition: 1, ...text, category_code: category },
        ...{ written_at: at, written_by: 'bench', written_by_name: '样例', published_at: at },
      })),
    );
    await db('article_search').insert(
      made.map((article) => {
        const cut = index.cut(article);
        return {
          ...{
            article_id: article.articleId,
            edition: 1,
            category_code: article.category,
            heading: cut.heading,
          },
          ...{ title_words: cut.titleWords, question_words: cut.questionWords, body_words: cut.bodyWords },
          dictionary: cut.dictionary,
        };
      }),
    );
    options.onProgress?.(done + made.length);
  }
  await db.raw('vacuum analyze articles, article_editions, article_search');
}
