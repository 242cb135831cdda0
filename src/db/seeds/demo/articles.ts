import type { Database } from '../../../platform/postgres';

interface Demo {
  id: string;
  unitId: string;
  category: string;
  title: string;
  question: string;
  body: string;
  keywords: string[];
}

/** Published articles of the demonstration city; amounts, times and places are invented. */
const ARTICLES: Demo[] = [
  {
    ...{ id: 'article-gjj-tiqu', unitId: 'dept-gongjijin', category: 'RS-05' },
    ...{ title: '住房公积金提取的条件和材料', question: '公积金怎么取', keywords: ['租房提取', '购房提取'] },
    body: '购买自住住房、偿还购房贷款、租房、离职或退休的，可以申请提取。\n携带身份证、银行卡和相应证明到任一管理部办理，也可以线上申请；材料齐全的当日办结。',
  },
  {
    ...{ id: 'article-gjj-zhuanyi', unitId: 'dept-gongjijin', category: 'RS-05' },
    ...{ title: '住房公积金异地转移接续', question: '换城市工作公积金怎么转', keywords: ['异地转移'] },
    body: '在新单位缴存满半年后，向转入地管理中心提出申请，由两地中心办理划转，本人不用回原缴存地。',
  },
  {
    ...{ id: 'article-shebao-zhuanyi', unitId: 'dept-renshe', category: 'RS-02' },
    ...{ title: '社会保险关系转移接续', question: '社保怎么转到外地', keywords: ['社保转移', '跨省'] },
    body: '在国家社会保险公共服务平台提出申请，或到转入地经办窗口办理，一般在45个工作日内完成。',
  },
  {
    ...{ id: 'article-shebaoka', unitId: 'dept-renshe', category: 'RS-02' },
    ...{ title: '社会保障卡挂失与补办', question: '社保卡丢了怎么办', keywords: ['社保卡', '补卡'] },
    body: '先电话或线上挂失，再持身份证到任一服务网点补办，立等可取。',
  },
  {
    ...{ id: 'article-yidi-jiuyi', unitId: 'dept-yibao', category: 'RS-03' },
    ...{ title: '跨省异地就医备案', question: '在外地看病怎么报销', keywords: ['异地就医', '医保报销'] },
    body: '住院前在国家医保服务平台备案，在联网定点医院持社保卡或医保电子凭证直接结算。急诊抢救视同已备案。',
  },
  {
    ...{ id: 'article-gongre-wendu', unitId: 'util-gongre', category: 'GY-04' },
    ...{ title: '供热温度不达标的处理', question: '家里暖气不热找谁', keywords: ['测温', '退费'] },
    body: '供热期内卧室、起居室温度低于18度的，供热公司接报后24小时内上门测温，确属不达标的按规定退费。\n物业管理的小区先核实楼内管网。',
  },
  {
    ...{ id: 'article-gongre-baoting', unitId: 'util-gongre', category: 'GY-04' },
    ...{ title: '供热收费与报停', question: '暖气费怎么交，能不能报停', keywords: ['暖气费', '报停'] },
    body: '在供热期开始前一个月提出报停，按规定交纳基础热费；可以在营业厅或线上交费。',
  },
  {
    ...{ id: 'article-tingshui', unitId: 'util-gongshui', category: 'GY-01' },
    ...{ title: '停水与水压不足的报修', question: '家里没有水怎么办', keywords: ['停水', '抢修'] },
    body: '先核对停水公告。没有公告的，抢修人员2小时内到场；二次供水设施由小区产权单位维护。',
  },
  {
    ...{ id: 'article-yiwu-ruxue', unitId: 'dept-jiaoyu', category: 'JW-01' },
    ...{ title: '义务教育阶段入学', question: '孩子上小学怎么报名', keywords: ['学区', '随迁子女'] },
    body: '每年7月在义务教育招生平台报名，按房产或居住证对应的学区就近入学，随迁子女凭居住证办理。',
  },
  {
    ...{ id: 'article-dibao', unitId: 'dept-minzheng', category: 'RS-06' },
    ...{ title: '最低生活保障申请', question: '低保怎么申请', keywords: ['低保', '困难家庭'] },
    body: '向户籍所在地乡镇人民政府、街道办事处提出书面申请，经家庭经济状况核对和公示后审批，自批准次月发放。',
  },
  {
    ...{ id: 'article-qianxin', unitId: 'dept-renshe', category: 'RS-01' },
    ...{ title: '拖欠工资的投诉', question: '老板不发工资找谁', keywords: ['欠薪', '农民工'] },
    body: '向用工所在地劳动保障监察机构投诉，提供用工单位名称、地址和欠薪证据；也可以申请劳动仲裁。',
  },
  {
    ...{ id: 'article-fangchan', unitId: 'dept-ziran', category: 'NY-05' },
    ...{ title: '二手房转移登记', question: '二手房过户要什么材料', keywords: ['过户', '不动产登记'] },
    body: '买卖双方携带身份证、不动产权证书、买卖合同和完税证明到不动产登记大厅，一窗受理，1个工作日办结。',
  },
];

/**
 * Puts the demonstration city's articles in, for units and categories that are there; what is there already is left.
 * Their words are cut by the service, which finds them uncut (dictionary 0).
 */
export async function seedDemoArticles(db: Database): Promise<void> {
  const units = (await db('units').where({ active: true }).pluck('unit_id')) as string[];
  const categories = (await db('ticket_categories').pluck('category_code')) as string[];
  const known = ARTICLES.filter(
    ({ unitId, category }) => units.includes(unitId) && categories.includes(category),
  );
  const at = new Date();
  await db.transaction(async (trx) => {
    for (const { id, unitId, category, title, question, body, keywords } of known) {
      const [made] = await trx('articles')
        .insert({
          ...{ article_id: id, version: 1, state: 'published', owner_unit_id: unitId, edition: 1 },
          ...{ published_edition: 1, created_at: at, updated_at: at },
        })
        .onConflict('article_id')
        .ignore()
        .returning('article_id');
      if (!made) continue;
      await trx('article_editions').insert({
        ...{ article_id: id, edition: 1, title, question, body, keywords, category_code: category },
        ...{ written_at: at, written_by: 'demo', written_by_name: '演示', published_at: at },
      });
      await trx('article_search').insert({
        ...{ article_id: id, edition: 1, category_code: category, heading: '', dictionary: 0 },
        ...{ title_words: '', question_words: '', body_words: '' },
      });
    }
  });
}
